using System.Text.Json;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>One pool of a test and everything that is made on it.</summary>
internal sealed class PoolFixture
{
    private readonly Scratch _scratch;
    private readonly string _home;
    private readonly List<LoopFilesystem> _filesystems = [];
    private readonly List<string> _devices = [];
    private readonly string _transport;
    private int _daemonPid;
    private int _supervisorPid;

    /// <summary>Creates the pool, with further options of `pool create` if given.</summary>
    public PoolFixture(Scratch scratch, string size, string chunkSize, string transport, params string[] more)
    {
        _scratch = scratch;
        _transport = transport;
        _home = scratch.NewDirectory("pool");
        MountPoint = Path.Combine(_home, "mnt");
        Directory.CreateDirectory(MountPoint);
        ThinFuseProgram.Run(["pool", "create", PoolDirectory, "--size", size, "--chunk-size", chunkSize, .. more]).MustSucceed();
    }

    /// <summary>A directory for the test's own files.</summary>
    public string Home => _home;

    /// <summary>The pool directory.</summary>
    public string PoolDirectory => Path.Combine(_home, "pool");

    /// <summary>Where it is mounted.</summary>
    public string MountPoint { get; }

    /// <summary>What the daemon has written to its log.</summary>
    public string Log => File.ReadAllText(Path.Combine(PoolDirectory, "daemon.log"));

    /// <summary>The serving process, as `pool status` names it.</summary>
    public int DaemonPid => Status().GetProperty("daemonPid").GetInt32();

    /// <summary>The file of a volume or snapshot.</summary>
    public string PathOf(string name) => Path.Combine(MountPoint, name);

    /// <summary>Mounts; it serves on return.</summary>
    public void Mount(params string[] options)
    {
        ThinFuseProgram.Run(["mount", PoolDirectory, MountPoint, "--transport", _transport, .. options]).MustSucceed();
        _daemonPid = DaemonPid;
        _supervisorPid = ParentOf(_daemonPid);
        _scratch.RecordProcess(_supervisorPid);
        _scratch.RecordProcess(_daemonPid);
    }

    /// <summary>Unmounts; the daemon has ended on return.</summary>
    public void Unmount() => ThinFuseProgram.Run("unmount", MountPoint).MustSucceed();

    /// <summary>`pool status`.</summary>
    public JsonElement Status() => ThinFuseProgram.Json("pool", "status", PoolDirectory);

    /// <summary>One number of `pool status`.</summary>
    public long StatusBytes(string field) => Status().GetProperty(field).GetInt64();

    /// <summary>The mode in `pool status`.</summary>
    public string Mode => Status().GetProperty("mode").GetString()!;

    /// <summary>Waits until `pool status` shows this, which work in the background brings about.</summary>
    /// <exception cref="TimeoutException">It does not come.</exception>
    public void WaitForStatus(string what, Func<JsonElement, bool> isReached) =>
        Waiting.Until(what, () => isReached(Status()), () => Status());

    /// <summary>The entry of `volume list` for a volume or snapshot.</summary>
    public JsonElement Volume(string name) =>
        ThinFuseProgram.Json("volume", "list", MountPoint).EnumerateArray().Single(volume => volume.GetProperty("name").GetString() == name);

    /// <summary>Creates a volume and returns its file.</summary>
    public string CreateVolume(string name, string size)
    {
        ThinFuseProgram.Run("volume", "create", PathOf(name), "--size", size).MustSucceed();
        return PathOf(name);
    }

    /// <summary>Takes a snapshot and returns its file.</summary>
    public string Snapshot(string volume, string name) =>
        ThinFuseProgram.Run("snapshot", "create", PathOf(volume), "--name", name).MustSucceed().Text;

    /// <summary>Grows the pool to a new total.</summary>
    public void Grow(string size) => ThinFuseProgram.Run("pool", "grow", MountPoint, "--size", size).MustSucceed();

    /// <summary>Fails the test unless the pool's metadata is sound.</summary>
    public void MustBeSound() => ThinFuseProgram.Run("pool", "check", PoolDirectory).MustSucceed();

    /// <summary>Makes a loop device of a volume or snapshot.</summary>
    public string Attach(string name)
    {
        string device = ThinFuseProgram.Run("attach", PathOf(name)).MustSucceed().Text;
        _devices.Add(device);
        return device;
    }

    /// <summary>Detaches a loop device.</summary>
    public void Detach(string device)
    {
        ThinFuseProgram.Run("detach", device).MustSucceed();
        _devices.Remove(device);
    }

    /// <summary>A place to mount a filesystem from a device of this pool.</summary>
    public LoopFilesystem Filesystem(string device, FilesystemKind kind)
    {
        LoopFilesystem filesystem = new(device, kind, _scratch.NewDirectory(kind.Name));
        _filesystems.Add(filesystem);
        return filesystem;
    }

    /// <summary>The process that starts another daemon when this one dies, when there is one.</summary>
    public int SupervisorPid => _supervisorPid;

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

        foreach (string device in _devices.ToArray())
        {
            Try(() => Detach(device), failures);
        }

        if (MountEntry.IsMounted(MountPoint))
        {
            Try(Unmount, failures);
        }

        KillDaemon();
        if (!MountEntry.IsMounted(MountPoint))
        {
            Try(() => Directory.Delete(_home, recursive: true), failures);
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
        return int.Parse(line["PPid:".Length..], System.Globalization.CultureInfo.InvariantCulture);
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
