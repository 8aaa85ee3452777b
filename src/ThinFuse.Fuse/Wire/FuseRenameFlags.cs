namespace ThinFuse.Fuse.Wire;

/// <summary>Flags of renameat2(2).</summary>
[Flags]
public enum FuseRenameFlags : uint
{
    /// <summary>An existing target is replaced.</summary>
    None = 0,

    /// <summary>An existing target is refused with EEXIST.</summary>
    NoReplace = 1 << 0,

    /// <summary>Both names exist and change places.</summary>
    Exchange = 1 << 1,

    /// <summary>A whiteout is left behind.</summary>
    Whiteout = 1 << 2,
}
