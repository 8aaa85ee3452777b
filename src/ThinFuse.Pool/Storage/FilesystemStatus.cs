using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Storage;

/// <summary>The beginning of struct statvfs; the layout is the same on every 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112)]
internal struct FilesystemStatus
{
    /// <summary>f_bsize.</summary>
    internal ulong PreferredIoBytes;

    /// <summary>Unit of the counts.</summary>
    internal ulong BlockBytes;

    /// <summary>All blocks; 0 where the filesystem does not count.</summary>
    internal ulong TotalBlocks;

    /// <summary>Free blocks, those that are kept for root included.</summary>
    internal ulong FreeBlocks;

    /// <summary>Free blocks for others.</summary>
    internal ulong AvailableBlocks;
}
