using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>fuse_copy_file_range_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CopyFileRangeOut
{
    public ulong BytesCopied;
}
