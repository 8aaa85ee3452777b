using System.Runtime.InteropServices;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Cli.Mount;

/// <summary>Where a daemon in the background writes what it has to say.</summary>
internal static class DaemonLog
{
    /// <summary>A log longer than this is put aside when the next daemon starts.</summary>
    public const long MaxBytes = 10 << 20;

    private const uint OwnerOnly = 0x180; // 0600

    /// <summary>Its path in a pool directory.</summary>
    public static string PathIn(string poolDirectory) => Path.Combine(poolDirectory, "daemon.log");

    /// <summary>The path of the one before, put aside when it had become long.</summary>
    public static string OldPathIn(string poolDirectory) => PathIn(poolDirectory) + ".old";

    /// <summary>
    /// Creates it if missing, readable by its owner only. One that has become long takes the place of the old one, so that both together are bounded
    /// by what daemons write in two lives.
    /// </summary>
    /// <exception cref="CommandFailure">The pool directory cannot be written.</exception>
    /// <exception cref="PoolException">Other users can write it: the log could be a link to anything.</exception>
    public static void Create(string poolDirectory)
    {
        PoolDirectoryGuard.Require(poolDirectory);
        string path = PathIn(poolDirectory);
        PutAside(path, OldPathIn(poolDirectory));
        int descriptor = Posix.Open(path, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_CLOEXEC, OwnerOnly);
        if (descriptor < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            string cure = errno == Posix.EROFS
                ? "make its filesystem writable (mount -o remount,rw), as a pool in use must be"
                : "mount as the owner of the pool, or use --foreground";
            throw new CommandFailure(ControlErrorKind.Failed, $"the daemon's log {path} cannot be written: {Marshal.GetPInvokeErrorMessage(errno)}; {cure}");
        }

        _ = Posix.Close(descriptor);
    }

    private static void PutAside(string path, string oldPath)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
            {
                File.Move(path, oldPath, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ControlErrorKind.Failed, $"the daemon's log {path} cannot be renamed: {e.Message}", e);
        }
    }
}
