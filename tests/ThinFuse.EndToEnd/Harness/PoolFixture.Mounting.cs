using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>How it is mounted, and how that ends.</summary>
internal sealed partial class PoolFixture
{
    private static readonly TimeSpan TerminationLimit = TimeSpan.FromSeconds(10);

    private int _daemonPid;
    private int _supervisorPid;
    private string _view;

    /// <summary>The process that starts another daemon when this one dies, when there is one.</summary>
    public int SupervisorPid => _supervisorPid;

    /// <summary>Whether it is mounted where only its own processes see it.</summary>
    private bool IsElsewhere => _view != MountPoint;

    /// <summary>Mounts; it serves on return.</summary>
    public void Mount(params string[] options) => Mounted(ThinFuseProgram.Json(MountCommand(options)));

    /// <summary>
    /// Mounts as if the machine had been started anew: the pool meets another boot id than the one it was written under. It is mounted for its own processes
    /// alone, and its files are seen through them.
    /// </summary>
    public void MountInAnotherBoot()
    {
        const string script = """mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@" """;
        string bootId = Path.Combine(_home, "boot_id");
        File.WriteAllText(bootId, $"{Guid.NewGuid()}\n");
        Mounted(ThinFuseProgram.Parse(
            Tool.Run("unshare", ["--mount", "sh", "-c", script, bootId, ThinFuseProgram.FullPath, .. MountCommand(), "--json"]).MustSucceed().Output));
        _view = string.Create(CultureInfo.InvariantCulture, $"/proc/{_daemonPid}/root{MountPoint}");
    }

    /// <summary>Unmounts; the daemon has ended on return.</summary>
    public void Unmount()
    {
        if (IsElsewhere)
        {
            End();
        }
        else
        {
            ThinFuseProgram.Run("unmount", MountPoint).MustSucceed();
        }
    }

    /// <summary>Ends the daemon as a crash does, and before it the process that would start another; its mount stays behind, dead.</summary>
    public void KillDaemon()
    {
        KillIfOurs(_supervisorPid);
        KillIfOurs(_daemonPid);
    }

    /// <summary>Ends the daemon that serves now as a crash does, and leaves its successor to come.</summary>
    /// <returns>The pause that the restart before this one took, milliseconds.</returns>
    public long KillServer(int signal = 9)
    {
        JsonElement status = Status();
        _daemonPid = status.GetProperty("daemonPid").GetInt32();
        _scratch.RecordProcess(_daemonPid);
        Leftovers.Kill(_daemonPid, signal);
        return LastPauseMs(status);
    }

    /// <summary>Ends the daemon by SIGTERM, and fails the test unless it has ended within the time it promises.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan Terminate()
    {
        const int terminateSignal = 15;
        int pid = DaemonPid;
        using ProcessEnd? end = ProcessEnd.TryOf(pid);
        Stopwatch watch = Stopwatch.StartNew();
        Posix.Kill(pid, terminateSignal);
        end!.Wait(TerminationLimit).Should().BeTrue("SIGTERM ends it within {0}", TerminationLimit);
        return watch.Elapsed;
    }

    /// <summary>How long the last restart took, milliseconds.</summary>
    public static long LastPauseMs(JsonElement status) =>
        status.GetProperty("lastPauseMs") is { ValueKind: JsonValueKind.Number } pause ? pause.GetInt64() : 0;

    /// <summary>Takes everything down, whatever state the test left it in.</summary>
    /// <param name="failures">Gets what went wrong.</param>
    public void TakeDown(List<Exception> failures)
    {
        foreach (LoopFilesystem filesystem in Enumerable.Reverse(_filesystems).Where(filesystem => filesystem.IsMounted))
        {
            Try(filesystem.Unmount, failures);
        }

        Try(DetachAll, failures);
        Try(End, failures);
        KillDaemon();
        _control.Dispose();
        if (!MountEntry.IsMounted(MountPoint))
        {
            Try(() => Directory.Delete(_home, recursive: true), failures);
        }
    }

    private string[] MountCommand(params string[] options) => ["mount", PoolDirectory, MountPoint, "--transport", _transport, .. options];

    private void Mounted(JsonElement mounted)
    {
        _view = MountPoint;
        _daemonPid = mounted.GetProperty("daemonPid").GetInt32();
        _supervisorPid = ParentOf(_daemonPid);
        _scratch.RecordProcess(_supervisorPid);
        _scratch.RecordProcess(_daemonPid);
    }

    /// <summary>Has the daemon unmount and end; what a dead one left behind is unmounted.</summary>
    private void End()
    {
        JsonElement? stopping = null;
        Waiting.Until("nothing is open in the mount", () => TryStop(out stopping));
        if (stopping is { } answer)
        {
            Leftovers.Await(answer.GetProperty("daemonPid").GetInt32());
        }
        else if (MountEntry.IsMounted(MountPoint))
        {
            ThinFuseProgram.Run("unmount", MountPoint).MustSucceed();
        }
    }

    /// <summary>Asks the daemon to unmount; false when files are open. What is closed in the kernel, by a loop device for instance, comes to it a moment later.</summary>
    /// <param name="answer">The daemon's; null when there is none.</param>
    private bool TryStop(out JsonElement? answer)
    {
        answer = null;
        try
        {
            answer = _control.TryPost("/v1/daemon/stop", new { lazy = false });
            return true;
        }
        catch (HttpRequestException refusal) when (refusal.StatusCode == HttpStatusCode.Locked)
        {
            return false;
        }
    }

    private void KillIfOurs(int pid)
    {
        if (pid > 1 && Leftovers.Belongs(pid, PoolDirectory))
        {
            Leftovers.Kill(pid);
        }
    }

    private static int ParentOf(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal));
        return int.Parse(line["PPid:".Length..], CultureInfo.InvariantCulture);
    }

    private static void Try(Action step, List<Exception> failures)
    {
        try
        {
            step();
        }
        catch (Exception failure)
        {
            failures.Add(failure);
        }
    }
}
