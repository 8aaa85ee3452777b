using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Storage;

/// <summary>The fields of struct statx that storage asks for; the layout is the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    /// <summary>Ask for type and mode.</summary>
    internal const uint TypeAndMode = 0x3;

    /// <summary>Ask for the owner.</summary>
    internal const uint Owner = 0x8;

    /// <summary>Ask for the time of the last change of content.</summary>
    internal const uint ModificationTime = 0x40;

    /// <summary>Ask for the O_DIRECT alignment (kernel 6.1 and later answer).</summary>
    internal const uint DirectAlignment = 0x2000;

    /// <summary>Ask for the space that the file occupies.</summary>
    internal const uint Blocks = 0x400;

    private const int GroupOrOtherWrite = 0x12; // 0022
    private const int FormatMask = 0xF000;
    private const int BlockDeviceFormat = 0x6000;
    private const int DirectoryFormat = 0x4000;
    private const int RegularFormat = 0x8000;

    /// <summary>Which fields the kernel filled in.</summary>
    [FieldOffset(0)]
    internal uint Mask;

    /// <summary>st_uid.</summary>
    [FieldOffset(20)]
    internal uint UserId;

    /// <summary>st_mode.</summary>
    [FieldOffset(28)]
    internal ushort Mode;

    /// <summary>Occupied space in units of 512 bytes.</summary>
    [FieldOffset(48)]
    internal ulong BlockCount;

    /// <summary>st_mtime, seconds since 1970.</summary>
    [FieldOffset(112)]
    internal long ModifiedSeconds;

    /// <summary>The rest of st_mtime.</summary>
    [FieldOffset(120)]
    internal uint ModifiedNanoseconds;

    /// <summary>Major number of the device that the file lies on.</summary>
    [FieldOffset(136)]
    internal uint DeviceMajor;

    /// <summary>Minor number of that device.</summary>
    [FieldOffset(140)]
    internal uint DeviceMinor;

    /// <summary>Alignment of buffers for O_DIRECT; 0 when the file cannot do it.</summary>
    [FieldOffset(152)]
    internal uint DirectMemoryAlignment;

    /// <summary>Alignment of offsets and lengths for O_DIRECT; 0 when the file cannot do it.</summary>
    [FieldOffset(156)]
    internal uint DirectOffsetAlignment;

    internal readonly bool IsBlockDevice => (Mode & FormatMask) == BlockDeviceFormat;

    internal readonly bool IsDirectory => (Mode & FormatMask) == DirectoryFormat;

    internal readonly bool IsRegular => (Mode & FormatMask) == RegularFormat;

    /// <summary>Whether users other than the owner may write it.</summary>
    internal readonly bool IsWritableByOthers => (Mode & GroupOrOtherWrite) != 0;
}
