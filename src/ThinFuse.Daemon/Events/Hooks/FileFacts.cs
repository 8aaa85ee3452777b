using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>Who owns a file and who may do what with it, as lstat(2) tells; symbolic links are not followed.</summary>
/// <param name="UserId">Its owner.</param>
/// <param name="Mode">Type and permission bits.</param>
internal readonly unsafe partial record struct FileFacts(uint UserId, uint Mode)
{
    private const uint TypeMask = 0xF000;
    private const uint DirectoryType = 0x4000;
    private const uint RegularType = 0x8000;
    private const uint AnyExecute = 0x49; // 0111
    private const uint GroupOrOtherWrite = 0x12; // 0022

    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStatistics = 0x7FF;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => (Mode & TypeMask) == DirectoryType;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsRegular => (Mode & TypeMask) == RegularType;

    /// <summary>Whether somebody may execute it.</summary>
    public bool IsExecutable => (Mode & AnyExecute) != 0;

    /// <summary>Whether users other than its owner may write it.</summary>
    public bool IsWritableByOthers => (Mode & GroupOrOtherWrite) != 0;

    /// <summary>Looks at a file; null when it cannot be seen.</summary>
    public static FileFacts? TryRead(string path)
    {
        Status status;
        return StatX(CurrentDirectory, path, NoFollow, BasicStatistics, &status) == 0 ? new FileFacts(status.UserId, status.Mode) : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, Status* status);

    /// <summary>The part of struct statx that matters here; the layout is the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(20)]
        public uint UserId;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
