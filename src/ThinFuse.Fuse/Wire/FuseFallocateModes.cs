namespace ThinFuse.Fuse.Wire;

/// <summary>Mode of fallocate(2). Other bits may be set and are answered with EOPNOTSUPP.</summary>
[Flags]
public enum FuseFallocateModes : uint
{
    /// <summary>Provisions the range, and extends the file to its end.</summary>
    Provision = 0,

    /// <summary>The file's size stays.</summary>
    KeepSize = 0x01,

    /// <summary>The range becomes a hole and its space is free.</summary>
    PunchHole = 0x02,

    /// <summary>Takes the range out of the file.</summary>
    CollapseRange = 0x08,

    /// <summary>The range reads as zero and stays provisioned.</summary>
    ZeroRange = 0x10,

    /// <summary>Puts a hole into the file.</summary>
    InsertRange = 0x20,

    /// <summary>The range's data is no longer shared with other files.</summary>
    UnshareRange = 0x40,
}
