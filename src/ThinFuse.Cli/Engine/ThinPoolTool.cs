using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Engine;

/// <summary>The engine, opened for one command.</summary>
internal sealed class ThinPoolTool : IPoolTool
{
    // A look at a pool starts nothing in the background that closing it would have to wait for.
    private static readonly PoolOpenOptions Quiet = new() { BackgroundReclaim = false, CommitIntervalMs = 0 };

    /// <inheritdoc/>
    public PoolStatusResponse Create(string poolDirectory, PoolCreation creation)
    {
        ThinPool.Create(
            poolDirectory,
            new PoolCreateOptions
            {
                SizeBytes = creation.SizeBytes,
                NodePaths = creation.NodePaths,
                ChunkSizeBytes = creation.ChunkSizeBytes,
                Preallocation = creation.Preallocation,
                Settings = Requests.Apply(creation.Settings, PoolSettings.For(creation.Preallocation)),
            });
        return GetStatus(poolDirectory);
    }

    /// <inheritdoc/>
    public PoolStatusResponse GetStatus(string poolDirectory) => Answers.Of(PoolRescue.Status(poolDirectory));

    /// <inheritdoc/>
    public PoolStatusResponse Grow(string poolDirectory, PoolGrowRequest request)
    {
        using ThinPool pool = ThinPool.Open(poolDirectory, Quiet);
        if (request.NodePath is { } node)
        {
            pool.AddNode(node);
        }
        else
        {
            pool.Grow(request.SizeBytes ?? throw new ArgumentException("A size or a node is needed.", nameof(request)));
        }

        return Answers.Of(pool.Status());
    }

    /// <inheritdoc/>
    public PoolStatusResponse Update(string poolDirectory, PoolUpdateRequest request)
    {
        using ThinPool pool = ThinPool.Open(poolDirectory, Quiet);
        pool.Configure(settings => Requests.Apply(request, settings));
        return Answers.Of(pool.Status());
    }

    /// <inheritdoc/>
    public PoolCheckResponse Check(string poolDirectory, IProgress<double>? progress) => Answers.Of(ThinPool.CheckOffline(poolDirectory, progress));

    /// <inheritdoc/>
    public void Dump(string poolDirectory, TextWriter target) => PoolRescue.Dump(poolDirectory, target);

    /// <inheritdoc/>
    public PoolStatusResponse Restore(TextReader dump, string poolDirectory, PoolRestoreOptions options)
    {
        PoolRescue.Restore(dump, poolDirectory, options);
        return GetStatus(poolDirectory);
    }

    /// <inheritdoc/>
    public RepairReport Repair(string poolDirectory, string newPoolDirectory, bool force) => PoolRescue.Repair(poolDirectory, newPoolDirectory, force);

    /// <inheritdoc/>
    public ExtentUseResponse WhereIs(string poolDirectory, ExtentPlace place) => Answers.Of(PoolRescue.WhereIs(poolDirectory, place));
}
