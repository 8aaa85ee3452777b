using System.ComponentModel;
using System.Globalization;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary>The two ends of the agreement by which <c>mount</c> starts its own executable as a daemon: the arguments, and how the child begins.</summary>
internal static class DetachedDaemon
{
    /// <summary>Names the descriptor of the pipe on which the parent waits.</summary>
    public const string ReadyOption = "--ready-fd";

    /// <summary>Where the daemon's output goes, in the pool directory.</summary>
    public const string LogFileName = "daemon.log";

    private const string MountName = "mount";
    private const uint LogMode = 0x180; // 0600

    /// <summary>The arguments of the child.</summary>
    public static IReadOnlyList<string> Arguments(string readyDescriptor, Engine.DaemonSettings settings)
    {
        List<string> arguments = [MountName, ReadyOption, readyDescriptor, settings.PoolDirectory, settings.MountPoint, "--foreground"];
        if (settings.AllowOther)
        {
            arguments.Add("--allow-other");
        }

        if (settings.Threads is { } threads)
        {
            arguments.AddRange(["--threads", threads.ToString(CultureInfo.InvariantCulture)]);
        }

        return arguments;
    }

    /// <summary>
    /// When these arguments are those of a child: leaves the session, the terminal, the working directory and every inherited descriptor but the pipe.
    /// Runs before anything touches the console, which would keep the caller's stdout open for good.
    /// </summary>
    /// <returns>False when the child cannot begin; the parent has been told.</returns>
    public static bool TryBegin(string[] args)
    {
        if (args is not [MountName, ReadyOption, string descriptor, string poolDirectory, ..]
            || !int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out int ready))
        {
            return true;
        }

        string log = Path.Combine(poolDirectory, LogFileName);
        try
        {
            Posix.CloseDescriptorsOnExec();
            Posix.StartSession();
            Directory.SetCurrentDirectory("/");
            Posix.Replace(0, "/dev/null", Posix.O_RDONLY, 0);
            Posix.Replace(1, log, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_APPEND, LogMode);
            Posix.Replace(2, log, Posix.O_WRONLY | Posix.O_CREAT | Posix.O_APPEND, LogMode);
            return true;
        }
        catch (Win32Exception e)
        {
            using ReadyPipe pipe = new(ready);
            pipe.SendError(new ControlError(ControlErrorKind.Failed, $"the daemon cannot write {log}: {e.Message}"));
            return false;
        }
    }
}
