using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>System calls that no common tool makes as the tests need them. Negative results are errnos.</summary>
internal static partial class SystemCalls
{
    public const int ENXIO = 6;
    public const int EEXIST = 17;
    public const int EINVAL = 22;
    public const int SeekData = 3;
    public const int SeekHole = 4;
    public const uint RenameNoReplace = 1;
    public const uint RenameExchange = 2;

    private const short PollIn = 1;
    private const int CurrentDirectory = -100;

    public static long Seek(SafeFileHandle file, long offset, int whence) => OrErrno(LSeek(file, offset, whence));

    public static long CopyRange(SafeFileHandle source, long sourceOffset, SafeFileHandle target, long targetOffset, long length) =>
        OrErrno(CopyFileRange(source, ref sourceOffset, target, ref targetOffset, (nuint)length, 0));

    public static long Rename(string from, string to, uint flags) => OrErrno(RenameAt(CurrentDirectory, from, CurrentDirectory, to, flags));

    /// <summary>How many of one file can be read without waiting.</summary>
    public static long PollForReading(SafeFileHandle file, int timeoutMs)
    {
        PollDescriptor poll = new() { File = (int)file.DangerousGetHandle(), Events = PollIn };
        long ready = OrErrno(Poll(ref poll, 1, timeoutMs));
        GC.KeepAlive(file);
        return ready;
    }

    private static long OrErrno(long result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int File;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long LSeek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    private static partial nint CopyFileRange(
        SafeFileHandle source, ref long sourceOffset, SafeFileHandle target, ref long targetOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int fromDirectory, string from, int toDirectory, string to, uint flags);
}
