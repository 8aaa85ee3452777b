using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A qcow2 image with internal snapshots, opened by qemu-storage-daemon and exported as a file, over FUSE or over NBD and nbdfuse.</summary>
/// <remarks>The FUSE export of QEMU 7.2 loses concurrent writes; its speed stands for what users would get, not for data that is safe.</remarks>
internal sealed class QcowSubject(string export, SuiteContext context) : Subject($"qcow2-{export}", context), ISnapshots
{
    /// <summary>The export that qemu-storage-daemon serves itself.</summary>
    public const string FuseExport = "fuse";

    /// <summary>The export through libnbd's nbdfuse.</summary>
    public const string NbdExport = "nbdfuse";

    private readonly List<ServerProcess> _servers = [];
    private QemuMonitor? _monitor;

    /// <inheritdoc/>
    public override string File => export == FuseExport ? Path.Combine(Home, "disk") : Path.Combine(MountPoint, "disk");

    /// <inheritdoc/>
    public override IReadOnlyList<int> Servers => [.. _servers.Select(server => server.Id)];

    /// <inheritdoc/>
    public override ISnapshots Snapshots => this;

    /// <inheritdoc/>
    public long UsedBytes => LinuxFile.AllocatedBytes(Image);

    private string MountPoint => Path.Combine(Home, "mnt");

    private string Image => Path.Combine(Home, "image.qcow2");

    private string MonitorSocket => Path.Combine(Home, "monitor.sock");

    private string NbdSocket => Path.Combine(Home, "nbd.sock");

    private QemuMonitor Monitor => _monitor ?? throw new InvalidOperationException($"{Name} is not open");

    /// <inheritdoc/>
    public override string? WhyNot()
    {
        string[] programs = export == FuseExport
            ? ["qemu-img", "qemu-storage-daemon", "setsid"]
            : ["qemu-img", "qemu-storage-daemon", "setsid", "nbdfuse"];
        return Missing(programs);
    }

    /// <inheritdoc/>
    public override long NeededBytes(long volumeBytes) => SuiteContext.PoolBytes(volumeBytes);

    /// <inheritdoc/>
    protected override void Replace(long sizeBytes)
    {
        Stop();
        Shell.Run(Cancel, "qemu-img", "create", "-q", "-f", "qcow2", Image, $"{sizeBytes}");
        ServerProcess daemon = ServerProcess.Start("qemu-storage-daemon", DaemonArguments());
        _servers.Add(daemon);
        daemon.WaitUntil(() => System.IO.File.Exists(MonitorSocket) && IsExported(), Cancel);
        _monitor = new QemuMonitor(MonitorSocket);
        if (export == NbdExport)
        {
            Directory.CreateDirectory(MountPoint);
            ServerProcess nbdfuse = ServerProcess.Start("nbdfuse", File, "--unix", NbdSocket);
            _servers.Add(nbdfuse);
            nbdfuse.WaitUntil(() => MountPoints.IsMounted(MountPoint) && System.IO.File.Exists(File), Cancel);
        }
    }

    /// <inheritdoc/>
    public void Create(string name) =>
        Monitor.Execute("blockdev-snapshot-internal-sync", new { device = "disk", name });

    /// <inheritdoc/>
    public void Delete(string name) =>
        Monitor.Execute("blockdev-snapshot-delete-internal-sync", new { device = "disk", name });

    /// <inheritdoc/>
    protected override void Close() => Stop();

    private List<string> DaemonArguments()
    {
        List<string> arguments =
        [
            "--blockdev", $"driver=file,node-name=image,filename={Image},cache.direct=on,aio=native,discard=unmap",
            "--blockdev", "driver=qcow2,node-name=disk,file=image,cache.direct=on,discard=unmap",
            "--chardev", $"socket,id=monitor,path={MonitorSocket},server=on,wait=off",
            "--monitor", "chardev=monitor",
        ];
        if (export == FuseExport)
        {
            // Its mount point is the file itself.
            System.IO.File.WriteAllText(File, "");
            arguments.AddRange(["--export", $"type=fuse,id=disk,node-name=disk,mountpoint={File},writable=on"]);
        }
        else
        {
            arguments.AddRange(["--nbd-server", $"addr.type=unix,addr.path={NbdSocket}"]);
            arguments.AddRange(["--export", "type=nbd,id=disk,node-name=disk,writable=on,name="]);
        }

        return arguments;
    }

    private bool IsExported() => export == FuseExport ? MountPoints.IsMounted(File) : System.IO.File.Exists(NbdSocket);

    private void Stop()
    {
        MountPoints.Unmount(MountPoint);
        _monitor?.Dispose();
        _monitor = null;

        // The last started first: nbdfuse ends with its mount, the daemon when it is asked to.
        for (int last = _servers.Count - 1; last >= 0; last--)
        {
            if (last == 0)
            {
                _servers[last].Terminate();
            }

            _servers[last].Dispose();
        }

        _servers.Clear();
        MountPoints.Unmount(File);
        foreach (string path in (string[])[Image, MonitorSocket, NbdSocket])
        {
            System.IO.File.Delete(path);
        }
    }
}
