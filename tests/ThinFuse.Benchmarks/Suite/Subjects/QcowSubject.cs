using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>
/// A qcow2 image opened by qemu-storage-daemon and exported as a file, over FUSE or over NBD and nbdfuse; with internal snapshots, or with external overlays
/// and extended L2 entries.
/// </summary>
/// <remarks>The FUSE export of QEMU 7.2 loses concurrent writes; its speed stands for what users would get, not for data that is safe.</remarks>
internal sealed class QcowSubject(string export, bool hasOverlays, SuiteContext context)
    : Subject(hasOverlays ? "qcow2-overlays" : $"qcow2-{export}", context), ISnapshots
{
    /// <summary>The export that qemu-storage-daemon serves itself.</summary>
    public const string FuseExport = "fuse";

    /// <summary>The export through libnbd's nbdfuse.</summary>
    public const string NbdExport = "nbdfuse";

    /// <summary>The node that the export begins with.</summary>
    public const string RootNode = "disk";

    private readonly List<ServerProcess> _servers = [];
    private QemuMonitor? _monitor;
    private ISnapshots? _snapshots;

    /// <inheritdoc/>
    public override string File => export == FuseExport ? Path.Combine(Home, "disk") : Path.Combine(MountPoint, "disk");

    /// <inheritdoc/>
    public override IReadOnlyList<int> Servers => [.. _servers.Select(server => server.Id)];

    /// <inheritdoc/>
    public override ISnapshots Snapshots => this;

    /// <inheritdoc/>
    public long UsedBytes => Layout.UsedBytes;

    private ISnapshots Layout => _snapshots ?? throw new InvalidOperationException($"{Name} is not open");

    private string MountPoint => Path.Combine(Home, "mnt");

    private string Image => Path.Combine(Home, "image.qcow2");

    private string MonitorSocket => Path.Combine(Home, "monitor.sock");

    private string NbdSocket => Path.Combine(Home, "nbd.sock");

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
        string[] options = hasOverlays ? ["-o", QcowOverlays.CreateOptions] : [];
        Shell.Run(Cancel, "qemu-img", ["create", "-q", "-f", "qcow2", .. options, Image, $"{sizeBytes}"]);
        ServerProcess daemon = ServerProcess.Start("qemu-storage-daemon", DaemonArguments());
        _servers.Add(daemon);
        daemon.WaitUntil(() => System.IO.File.Exists(MonitorSocket) && IsExported(), Cancel);
        _monitor = new QemuMonitor(MonitorSocket);
        _snapshots = hasOverlays ? new QcowOverlays(_monitor, Home, Image, Cancel) : new QcowInternalSnapshots(_monitor, Image);
        if (export == NbdExport)
        {
            Directory.CreateDirectory(MountPoint);
            ServerProcess nbdfuse = ServerProcess.Start("nbdfuse", File, "--unix", NbdSocket);
            _servers.Add(nbdfuse);
            nbdfuse.WaitUntil(() => MountPoints.IsMounted(MountPoint) && System.IO.File.Exists(File), Cancel);
        }
    }

    /// <inheritdoc/>
    public void Create(string name) => Layout.Create(name);

    /// <inheritdoc/>
    public void Delete(string name) => Layout.Delete(name);

    /// <inheritdoc/>
    protected override void Close() => Stop();

    private List<string> DaemonArguments()
    {
        List<string> arguments =
        [
            "--blockdev", $"driver=file,node-name=image,filename={Image},cache.direct=on,aio=native,discard=unmap",
            "--blockdev", $"driver=qcow2,node-name={RootNode},file=image,cache.direct=on,discard=unmap",
            "--chardev", $"socket,id=monitor,path={MonitorSocket},server=on,wait=off",
            "--monitor", "chardev=monitor",
        ];
        if (export == FuseExport)
        {
            // Its mount point is the file itself.
            System.IO.File.WriteAllText(File, "");
            arguments.AddRange(["--export", $"type=fuse,id=export,node-name={RootNode},mountpoint={File},writable=on"]);
        }
        else
        {
            arguments.AddRange(["--nbd-server", $"addr.type=unix,addr.path={NbdSocket}"]);
            arguments.AddRange(["--export", $"type=nbd,id=export,node-name={RootNode},writable=on,name="]);
        }

        return arguments;
    }

    private bool IsExported() => export == FuseExport ? MountPoints.IsMounted(File) : System.IO.File.Exists(NbdSocket);

    private void Stop()
    {
        MountPoints.Unmount(MountPoint);
        _monitor?.Dispose();
        _monitor = null;
        _snapshots = null;

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

        foreach (string overlay in Directory.EnumerateFiles(Home, QcowOverlays.FilePattern))
        {
            System.IO.File.Delete(overlay);
        }
    }
}
