namespace ThinFuse.Fuse.Wire;

/// <summary>The whence values of lseek(2) that reach a file system.</summary>
public enum FuseSeekOrigin : uint
{
    /// <summary>The next offset with data (SEEK_DATA); ENXIO when there is none.</summary>
    Data = 3,

    /// <summary>The next offset in a hole (SEEK_HOLE); the end of the file counts as one. ENXIO past the end.</summary>
    Hole = 4,
}
