using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A volume of a ThinFuse pool in a preallocated file on the host filesystem.</summary>
/// <param name="transport">One of <see cref="Transports"/>.</param>
/// <param name="isWritten">Whether the pool's space was written once when it was made, so that the host filesystem has nothing to convert at a first write.</param>
/// <param name="context">The run.</param>
internal sealed class ThinFuseSubject(string transport, bool isWritten, SuiteContext context)
    : Subject($"thinfuse-{transport}{(isWritten ? WrittenSuffix : "")}", context), ISnapshots, IManyFiles
{
    /// <summary>Ends the names of those whose space was written.</summary>
    public const string WrittenSuffix = "-full";

    private const string Volume = "disk";

    private ThinFuseServer? _server;

    /// <inheritdoc/>
    public override string File => Server.FileOf(Volume);

    /// <inheritdoc/>
    public override IReadOnlyList<int> Servers => [Server.ProcessId];

    /// <inheritdoc/>
    public override ISnapshots Snapshots => this;

    /// <inheritdoc/>
    public long UsedBytes => Server.AllocatedBytes();

    private ThinFuseServer Server => _server ?? throw new InvalidOperationException($"{Name} is not open");

    /// <inheritdoc/>
    public override string? WhyNot() => Transports.WhyNot(transport);

    /// <inheritdoc/>
    public override long NeededBytes(long volumeBytes) => SuiteContext.PoolBytes(volumeBytes);

    /// <inheritdoc/>
    public override void Open()
    {
        base.Open();
        _server = new ThinFuseServer(Context, transport, Home);
        Server.Create("--size", $"{SuiteContext.PoolBytes(Context.Options.SizeBytes)}", "--preallocation", isWritten ? "full" : "falloc");
        Server.Mount();
    }

    /// <inheritdoc/>
    protected override void Replace(long sizeBytes)
    {
        Server.Clear();
        Server.CreateVolume(Volume, sizeBytes);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> MakeFiles(int count, long sizeBytes)
    {
        string[] volumes = [.. Enumerable.Range(1, count).Select(number => $"{Volume}-{number}")];
        foreach (string volume in volumes)
        {
            Server.CreateVolume(volume, sizeBytes);
        }

        return [.. volumes.Select(Server.FileOf)];
    }

    /// <inheritdoc/>
    public void Create(string name) =>
        Server.Control.CreateSnapshotsAsync(new SnapshotCreateRequest([Volume], name), Cancel).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Delete(string name) => Server.Control.DeleteVolumeAsync($"{Volume}@{name}", Cancel).GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override void Close() => _server?.Dispose();
}
