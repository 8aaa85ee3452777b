using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_statfs_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatFsOut
{
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public uint BlockSize;
    public uint NameLength;
    public uint FragmentSize;
    public uint Padding;
    public uint Spare0;
    public uint Spare1;
    public uint Spare2;
    public uint Spare3;
    public uint Spare4;
    public uint Spare5;
}
