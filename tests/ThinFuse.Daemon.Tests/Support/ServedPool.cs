using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>A pool of its own, served by the real daemon on a thread of this process. Cleans up whatever happened.</summary>
public sealed class ServedPool : IDisposable
{
    public const long DefaultPoolBytes = 64L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _place = new();
    private DaemonThread? _daemon;

    public ServedPool(long poolBytes = DefaultPoolBytes, string poolName = "pool", bool allowOther = false)
    {
        Skip.IfNot(File.Exists("/dev/fuse"), "/dev/fuse is missing");
        try
        {
            PoolDirectory = Path.Combine(_place.FullPath, poolName);
            Mount = _place.Add("mnt");
            ThinPool.Create(PoolDirectory, new PoolCreateOptions { SizeBytes = poolBytes });
            Control = new ControlClient(PoolDirectory);
            Options = new DaemonOptions { PoolDirectory = PoolDirectory, MountPoint = Mount, AllowOther = allowOther };
            Start();
        }
        catch
        {
            _place.Dispose();
            throw;
        }
    }

    public string PoolDirectory { get; }

    /// <summary>The mount point.</summary>
    public string Mount { get; }

    public ControlClient Control { get; }

    public DaemonOptions Options { get; }

    public RecordingLoggers Log { get; } = new();

    /// <summary>Whether the daemon's thread has ended.</summary>
    public bool HasEnded => _daemon is null || _daemon.HasEnded;

    /// <summary>A path in the mount.</summary>
    public string this[string name] => Path.Combine(Mount, name);

    /// <summary>Runs a command line in the mount.</summary>
    public ShellResult Sh(string commandLine) => Shell.Run(Mount, commandLine);

    /// <summary>Asks the daemon to end, as SIGTERM does, and serves the pool anew.</summary>
    public void Remount()
    {
        Stop();
        Start();
    }

    /// <summary>Asks the daemon to end.</summary>
    public void Cancel() => _daemon?.Cancel();

    /// <summary>Asks the daemon to end, and waits for it. What it threw is thrown.</summary>
    public void Stop()
    {
        _daemon?.Cancel();
        WaitForEnd();
    }

    /// <summary>Waits until the daemon ends. What it threw is thrown.</summary>
    public void WaitForEnd()
    {
        DaemonThread? daemon = _daemon;
        _daemon = null;
        daemon?.Join(Patience);
    }

    public void Dispose()
    {
        try
        {
            Stop();
        }
        finally
        {
            // Only where the daemon left it behind, which the test has reported by now.
            Shell.Run("/", $"mountpoint -q '{Mount}' && umount -l '{Mount}'");
            Control.Dispose();
            _place.Dispose();
        }
    }

    private void Start() => _daemon = DaemonThread.Start(Options, Log, Patience);
}
