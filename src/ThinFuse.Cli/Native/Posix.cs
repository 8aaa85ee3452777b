using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ThinFuse.Cli.Native;

/// <summary>The system calls that the runtime has no words for. Those that throw throw <see cref="Win32Exception"/> with the
/// errno.</summary>
internal static partial class Posix
{
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EROFS = 30;
    public const int EOPNOTSUPP = 95;
    public const int ENOTCONN = 107;

    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_CREAT = 0x40;
    public const int O_EXCL = 0x80;
    public const int O_CLOEXEC = 0x80000;

    private const int TerminateSignal = 15;
    private const int GetDescriptorFlags = 1;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>The effective user; 0 is root.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    /// <summary>open(2); the descriptor, or -1 with the errno in the last P/Invoke error.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    /// <summary>close(2).</summary>
    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    /// <summary>The errno of looking at a path without opening it; 0 when it can be reached.</summary>
    public static int Probe(string path) => Access(path, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Asks a process to end; fine when it has.</summary>
    public static void Terminate(int pid)
    {
        if (Kill(pid, TerminateSignal) < 0 && Marshal.GetLastPInvokeError() is int errno and not ESRCH)
        {
            throw new Win32Exception(errno);
        }
    }

    /// <summary>Leaves the session and its terminal.</summary>
    public static void StartSession() => Check(SetSession());

    /// <summary>Marks every descriptor above stderr so that a program started from here does not get it.</summary>
    public static void CloseDescriptorsOnExec()
    {
        foreach (string name in Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(Path.GetFileName).OfType<string>().ToArray())
        {
            int descriptor = int.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
            int flags = descriptor > 2 ? Control(descriptor, GetDescriptorFlags, 0) : -1;

            // The descriptor of the listing itself is gone by now: flags is -1.
            if (flags >= 0)
            {
                Check(Control(descriptor, SetDescriptorFlags, flags | CloseOnExec));
            }
        }
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    private static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);
}
