using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_read_in, of READ, READDIR and READDIRPLUS.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReadIn
{
    /// <summary>FUSE_READ_LOCKOWNER in <see cref="ReadFlags"/>.</summary>
    public const uint NamesLockOwner = 1 << 1;

    public ulong Handle;
    public ulong Offset;
    public uint Size;
    public uint ReadFlags;
    public ulong LockOwner;
    public FuseFileFlags Flags;
    public uint Padding;
}
