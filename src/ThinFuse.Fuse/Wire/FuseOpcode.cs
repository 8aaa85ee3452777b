namespace ThinFuse.Fuse.Wire;

/// <summary>What a request asks for (enum fuse_opcode). A value outside this list is possible and is answered with ENOSYS.</summary>
public enum FuseOpcode : uint
{
    /// <summary>Finds a name in a directory and takes a lookup reference on what it finds.</summary>
    Lookup = 1,

    /// <summary>Drops lookup references; never answered.</summary>
    Forget = 2,

    /// <summary>Reads attributes.</summary>
    GetAttributes = 3,

    /// <summary>Changes attributes, the size among them.</summary>
    SetAttributes = 4,

    /// <summary>Reads a symbolic link.</summary>
    ReadLink = 5,

    /// <summary>Makes a symbolic link.</summary>
    SymbolicLink = 6,

    /// <summary>Makes a node.</summary>
    MakeNode = 8,

    /// <summary>Makes a directory.</summary>
    MakeDirectory = 9,

    /// <summary>Removes a name.</summary>
    Unlink = 10,

    /// <summary>Removes a directory.</summary>
    RemoveDirectory = 11,

    /// <summary>Renames without flags.</summary>
    Rename = 12,

    /// <summary>Makes a hard link.</summary>
    Link = 13,

    /// <summary>Opens a file.</summary>
    Open = 14,

    /// <summary>Reads data.</summary>
    Read = 15,

    /// <summary>Writes data.</summary>
    Write = 16,

    /// <summary>Reads the file system's statistics.</summary>
    StatFs = 17,

    /// <summary>The last reference to an open file is gone.</summary>
    Release = 18,

    /// <summary>Makes a file durable.</summary>
    Fsync = 20,

    /// <summary>Sets an extended attribute.</summary>
    SetExtendedAttribute = 21,

    /// <summary>Reads an extended attribute.</summary>
    GetExtendedAttribute = 22,

    /// <summary>Lists extended attributes.</summary>
    ListExtendedAttributes = 23,

    /// <summary>Removes an extended attribute.</summary>
    RemoveExtendedAttribute = 24,

    /// <summary>A descriptor of the file is being closed.</summary>
    Flush = 25,

    /// <summary>Negotiates the protocol; the first request of a connection.</summary>
    Init = 26,

    /// <summary>Opens a directory.</summary>
    OpenDirectory = 27,

    /// <summary>Reads directory entries.</summary>
    ReadDirectory = 28,

    /// <summary>The last reference to an open directory is gone.</summary>
    ReleaseDirectory = 29,

    /// <summary>Makes a directory durable.</summary>
    FsyncDirectory = 30,

    /// <summary>Tests a POSIX lock.</summary>
    GetLock = 31,

    /// <summary>Takes a POSIX lock.</summary>
    SetLock = 32,

    /// <summary>Takes a POSIX lock and waits for it.</summary>
    SetLockWait = 33,

    /// <summary>Checks access rights.</summary>
    Access = 34,

    /// <summary>Creates and opens a file.</summary>
    Create = 35,

    /// <summary>Interrupts another request.</summary>
    Interrupt = 36,

    /// <summary>Maps a file's block to a device's block.</summary>
    MapBlock = 37,

    /// <summary>The file system is being torn down.</summary>
    Destroy = 38,

    /// <summary>A device control call.</summary>
    Ioctl = 39,

    /// <summary>Polls for readiness.</summary>
    Poll = 40,

    /// <summary>The kernel's answer to a retrieve notification.</summary>
    NotifyReply = 41,

    /// <summary>Drops lookup references of several nodes; never answered.</summary>
    BatchForget = 42,

    /// <summary>Provisions, punches or zeroes a range.</summary>
    Fallocate = 43,

    /// <summary>Reads directory entries with their attributes.</summary>
    ReadDirectoryPlus = 44,

    /// <summary>Renames with flags.</summary>
    Rename2 = 45,

    /// <summary>Finds data or a hole.</summary>
    Seek = 46,

    /// <summary>Copies a range; the answer counts in 32 bits.</summary>
    CopyFileRange = 47,

    /// <summary>Maps a DAX window.</summary>
    SetupMapping = 48,

    /// <summary>Unmaps a DAX window.</summary>
    RemoveMapping = 49,

    /// <summary>Makes the whole file system durable.</summary>
    SyncFs = 50,

    /// <summary>Makes an unnamed file.</summary>
    TemporaryFile = 51,

    /// <summary>Reads extended attributes of an inode (statx).</summary>
    StatX = 52,

    /// <summary>Copies a range; the answer counts in 64 bits.</summary>
    CopyFileRange64 = 53,
}
