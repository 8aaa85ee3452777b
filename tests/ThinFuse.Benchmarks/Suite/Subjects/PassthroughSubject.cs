using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A sparse file on the host filesystem through the bare transport: what ThinFuse would be if its engine cost nothing.</summary>
internal sealed class PassthroughSubject(string transport, SuiteContext context) : Subject($"bare-{transport}", context)
{
    private ServerProcess? _server;

    /// <inheritdoc/>
    public override string File => Path.Combine(MountPoint, "disk");

    /// <inheritdoc/>
    public override IReadOnlyList<int> Servers => _server is null ? [] : [_server.Id];

    private string MountPoint => Path.Combine(Home, "mnt");

    private string Backing => Path.Combine(Home, "disk");

    /// <inheritdoc/>
    public override string? WhyNot() => Transports.WhyNot(transport);

    /// <inheritdoc/>
    public override long NeededBytes(long volumeBytes) => volumeBytes;

    /// <inheritdoc/>
    public override void Open()
    {
        base.Open();
        Directory.CreateDirectory(MountPoint);
        MakeSparse(Backing, Context.Options.SizeBytes);
        _server = ServerProcess.Start(
            Environment.ProcessPath!, ["passthrough", Backing, MountPoint, .. Transports.OptionsFor(transport)]);
        _server.WaitUntil(() => MountPoints.IsMounted(MountPoint) && System.IO.File.Exists(File), Cancel);
    }

    /// <summary>In place: a server that has run for a while is measured, as a daemon is, and not one that still compiles itself.</summary>
    protected override void Replace(long sizeBytes)
    {
        using FileStream file = new(Backing, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
        file.SetLength(sizeBytes);
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        MountPoints.Unmount(MountPoint);
        _server?.Dispose();
        _server = null;
    }
}
