using System.Globalization;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Hosting;

namespace ThinFuse.Cli.Mount;

/// <summary>The two ends of the agreement by which <c>mount</c> starts its own executable as a daemon: the arguments, and how the child
/// begins.</summary>
internal static class DetachedDaemon
{
    /// <summary>Names the descriptor of the pipe on which the parent waits.</summary>
    public const string ReadyOption = "--ready-fd";

    /// <summary>The arguments of the child, but for the descriptor by which it answers.</summary>
    /// <param name="settings">What it serves, and how.</param>
    /// <param name="isJson">Whether what it says on stderr is for a program.</param>
    public static IReadOnlyList<string> Arguments(DaemonSettings settings, bool isJson = false)
    {
        List<string> arguments = ["mount", settings.PoolDirectory, settings.MountPoint, "--foreground"];
        arguments.AddRange([TransportName.Option, TransportName.Of(settings.Transport)]);
        if (settings.AllowOther)
        {
            arguments.Add("--allow-other");
        }

        if (settings.Threads is { } threads)
        {
            arguments.AddRange(["--threads", threads.ToString(CultureInfo.InvariantCulture)]);
        }

        if (settings.TableMemoryBytes is { } tableMemoryBytes)
        {
            arguments.AddRange(["--table-memory", tableMemoryBytes.ToString(CultureInfo.InvariantCulture)]);
        }

        if (settings.Protection == RestartProtectionWish.Required)
        {
            arguments.Add("--protect");
        }

        if (isJson)
        {
            arguments.Add("--json");
        }

        return arguments;
    }

    /// <summary>Leaves the session and the working directory of the caller; no program started from here gets the pipe.</summary>
    public static void Begin()
    {
        Posix.StartSession();
        Directory.SetCurrentDirectory("/");
        Posix.CloseDescriptorsOnExec();
    }
}
