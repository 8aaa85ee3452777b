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
    protected override void Replace(long sizeBytes)
    {
        Stop();
        Directory.CreateDirectory(MountPoint);
        MakeSparse(Backing, sizeBytes);
        _server = ServerProcess.Start(
            Environment.ProcessPath!, ["passthrough", Backing, MountPoint, .. Transports.OptionsFor(transport)]);
        _server.WaitUntil(() => MountPoints.IsMounted(MountPoint) && System.IO.File.Exists(File), Cancel);
    }

    /// <inheritdoc/>
    protected override void Close() => Stop();

    private void Stop()
    {
        MountPoints.Unmount(MountPoint);
        _server?.Dispose();
        _server = null;
    }
}
