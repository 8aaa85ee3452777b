using System.Text.Json;
using ThinFuse.Benchmarks.Tools;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A mounted pool, through the command line as users run it. Unmounted and deleted when disposed.</summary>
internal sealed class ThinFuseServer : IDisposable
{
    private readonly SuiteContext _context;
    private readonly string _transport;
    private readonly string _home;
    private ControlClient? _control;

    /// <summary>Prepares a pool below a directory; nothing is made yet.</summary>
    public ThinFuseServer(SuiteContext context, string transport, string home)
    {
        _context = context;
        _transport = transport;
        _home = home;
        Directory.CreateDirectory(MountPoint);
    }

    /// <summary>The pool directory.</summary>
    public string Pool => Path.Combine(_home, "pool");

    /// <summary>Where it is mounted.</summary>
    public string MountPoint => Path.Combine(_home, "mnt");

    /// <summary>The daemon; 0 while it is not mounted.</summary>
    public int ProcessId { get; private set; }

    /// <summary>The daemon's control API, without a program in between.</summary>
    public ControlClient Control => _control ??= new ControlClient(Pool);

    /// <summary>A volume's or snapshot's file.</summary>
    public string FileOf(string volume) => Path.Combine(MountPoint, volume);

    /// <summary>Makes the pool.</summary>
    public void Create(params string[] options) => ThinFuse(["pool", "create", Pool, .. options]);

    /// <summary>Mounts it; returns when it serves.</summary>
    public void Mount()
    {
        string answer = ThinFuse(["mount", Pool, MountPoint, "--json", .. Transports.OptionsFor(_transport)]);
        using JsonDocument document = JsonDocument.Parse(answer);
        ProcessId = document.RootElement.GetProperty("daemonPid").GetInt32();
    }

    /// <summary>Makes an empty volume.</summary>
    public void CreateVolume(string name, long sizeBytes) =>
        Control.CreateVolumeAsync(new VolumeCreateRequest(name, sizeBytes), _context.Cancel).GetAwaiter().GetResult();

    /// <summary>Deletes everything, and waits until all space is back.</summary>
    public void Clear()
    {
        foreach (VolumeResponse volume in Control.ListVolumesAsync(_context.Cancel).GetAwaiter().GetResult())
        {
            Control.DeleteVolumeAsync(volume.Name, _context.Cancel).GetAwaiter().GetResult();
        }

        Wait.Until(() => AllocatedBytes() == 0, $"the space of {Pool} to come back", _context.Cancel);
    }

    /// <summary>Unmounts it; returns when the pool is closed.</summary>
    public void Unmount()
    {
        _control?.Dispose();
        _control = null;
        ProcessId = 0;
        ThinFuse("unmount", MountPoint);
    }

    /// <summary>Ends the daemon with SIGKILL, and clears the dead mount.</summary>
    public void Kill()
    {
        int daemon = ProcessId;
        Signals.Send(daemon, Signals.Kill);
        Wait.Until(() => !Directory.Exists($"/proc/{daemon}") || IsZombie(daemon), "the daemon to die", _context.Cancel);
        Unmount();
    }

    /// <summary>Runs the command line.</summary>
    public string ThinFuse(params IEnumerable<string> arguments) => Shell.Run(_context.Cancel, _context.ThinFuseProgram, arguments);

    /// <summary>Bytes that the pool's extents hold.</summary>
    public long AllocatedBytes() => Control.GetPoolStatusAsync(_context.Cancel).GetAwaiter().GetResult().AllocatedBytes;

    /// <summary>Unmounts, and deletes the pool.</summary>
    public void Dispose()
    {
        _control?.Dispose();
        _control = null;
        if (MountPoints.IsMounted(MountPoint))
        {
            // Not by the token: this is what Ctrl-C asks for.
            (int code, _, string error) = Shell.TryRun(CancellationToken.None, _context.ThinFuseProgram, "unmount", MountPoint);
            if (code != 0)
            {
                Console.Error.WriteLine($"{MountPoint}: {error.Trim()}");
                MountPoints.Unmount(MountPoint);
            }
        }

        if (Directory.Exists(Pool))
        {
            Directory.Delete(Pool, recursive: true);
        }
    }

    private static bool IsZombie(int process) =>
        File.Exists($"/proc/{process}/stat") && File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
}
