namespace ThinFuse.Pool.Volumes;

/// <summary>What a name stands for.</summary>
public enum VolumeKind : byte
{
    /// <summary>Writable.</summary>
    Volume = 1,

    /// <summary>Frozen: reads only.</summary>
    Snapshot = 2,
}
