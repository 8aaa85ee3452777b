using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.Daemon.Events;
using ThinFuse.Daemon.Files;
using ThinFuse.Daemon.Metrics;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>A mounted pool whose engine the test holds too, so that it can stand in the way of requests. No control API.</summary>
internal sealed class MountedPool : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _place = new();
    private readonly RestartMemory _memory = RestartMemory.Create();
    private readonly PoolFileSystem _files;
    private readonly FuseMount _mount;
    private bool _isDisposed;

    public MountedPool(FuseTransportKind transport = FuseTransportKind.Device)
    {
        Skip.IfNot(File.Exists("/dev/fuse"), "/dev/fuse is missing");
        string directory = Path.Combine(_place.FullPath, "pool");
        ThinPool.Create(directory, new PoolCreateOptions { SizeBytes = 16 << 20 });
        Pool = ThinPool.Open(directory, new PoolOpenOptions());
        _files = new PoolFileSystem(Pool, new FileOwner(0, 0, AllowOther: false), Counters, Events, _memory, NullLogger.Instance);
        FuseMountOptions options = new() { DefaultPermissions = false, Session = new FuseSessionOptions { Transport = transport } };
        _mount = FuseMount.Mount(_place.Add("mnt"), options, _files, NullLogger.Instance);
    }

    public ThinPool Pool { get; }

    public RequestCounters Counters { get; } = new();

    /// <summary>Fed by the test alone.</summary>
    public EventStream Events { get; } = new();

    /// <summary>How many files are open on .thinfuse/events.</summary>
    public int EventReaders => _files.EventFiles.OpenCount;

    public string PathOf(string name) => Path.Combine(_mount.MountPoint, name);

    /// <summary>Waits until so many writes have been parked.</summary>
    public void WaitUntilParked(int writes) =>
        SpinWait.SpinUntil(() => Counters.ParkedWrites >= writes, Patience).Should().BeTrue("{0} writes are in the way of another", writes);

    /// <summary>Ends the mount; all that was begun must come to an end by itself.</summary>
    public void MustEnd()
    {
        _mount.Unmount();
        _mount.Session.Completion.Wait(Patience).Should().BeTrue();
        _files.WaitUntilIdle(Patience).Should().BeTrue();
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _mount.Dispose();
        _files.Dispose();
        Pool.Dispose();
        _memory.Dispose();
        _place.Dispose();
    }
}
