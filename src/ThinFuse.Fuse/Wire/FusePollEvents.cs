namespace ThinFuse.Fuse.Wire;

/// <summary>What an open file is ready for, as poll(2) says it.</summary>
[Flags]
public enum FusePollEvents : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A read does not wait.</summary>
    Readable = 0x1 | 0x40,

    /// <summary>A write does not wait.</summary>
    Writable = 0x4 | 0x100,
}
