namespace ThinFuse.Pool.Storage;

/// <summary>How a file is opened.</summary>
public enum StorageOpenMode
{
    /// <summary>Existing file, reading only.</summary>
    Read,

    /// <summary>Existing file, reading and writing.</summary>
    ReadWrite,

    /// <summary>Existing file that becomes part of the pool, reading and writing; a regular one is closed to everybody but its owner, mode 0600.</summary>
    Adopt,

    /// <summary>A new file, mode 0600; EEXIST when there is one.</summary>
    CreateNew,
}
