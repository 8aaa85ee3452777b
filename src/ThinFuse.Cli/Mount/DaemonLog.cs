using System.Runtime.InteropServices;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary>Where a daemon in the background writes what it has to say.</summary>
internal static class DaemonLog
{
    private const uint OwnerOnly = 0x180; // 0600

    /// <summary>Its path in a pool directory.</summary>
    public static string PathIn(string poolDirectory) => Path.Combine(poolDirectory, "daemon.log");

    /// <summary>Creates it if missing, readable by its owner only.</summary>
    /// <exception cref="CommandFailure">The pool directory cannot be written.</exception>
    public static void Create(string poolDirectory)
    {
        string path = PathIn(poolDirectory);
        int descriptor = Posix.Open(path, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_CLOEXEC, OwnerOnly);
        if (descriptor < 0)
        {
            string reason = Marshal.GetLastPInvokeErrorMessage();
            throw new CommandFailure(
                ControlErrorKind.Failed,
                $"the daemon's log {path} cannot be written: {reason}; mount as the owner of the pool, or use --foreground");
        }

        _ = Posix.Close(descriptor);
    }
}
