namespace ThinFuse.Fuse.Nodes;

/// <summary>What a SETATTR wants of a timestamp.</summary>
public enum FuseTimeChangeKind
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>It becomes the present.</summary>
    Now,

    /// <summary>It becomes the given value.</summary>
    Given,
}
