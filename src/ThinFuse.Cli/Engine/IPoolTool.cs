using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Engine;

/// <summary>What can be done with a pool that no daemon serves. Each call takes the pool's lock and gives it back.</summary>
/// <remarks>Throws the engine's exceptions: PoolException, PoolInUseException when another process has the pool,
/// StorageException.</remarks>
internal interface IPoolTool
{
    /// <summary>Creates a pool; durable on return.</summary>
    PoolStatusResponse Create(string poolDirectory, PoolCreation creation);

    /// <summary>The pool's state.</summary>
    PoolStatusResponse GetStatus(string poolDirectory);

    /// <summary>Makes the pool larger; durable on return.</summary>
    PoolStatusResponse Grow(string poolDirectory, PoolGrowRequest request);

    /// <summary>Changes how the pool behaves; durable on return.</summary>
    PoolStatusResponse Update(string poolDirectory, PoolUpdateRequest request);

    /// <summary>Checks the pool's metadata; changes nothing but that a pool which failed and is sound can be written to again. The progress, where it is wanted, goes from 0 to 1.</summary>
    PoolCheckResponse Check(string poolDirectory, IProgress<double>? progress);

    /// <summary>Writes all metadata as lines; changes nothing.</summary>
    void Dump(string poolDirectory, TextWriter target);

    /// <summary>Builds a pool's metadata from a dump; durable on return.</summary>
    PoolStatusResponse Restore(TextReader dump, string poolDirectory, PoolRestoreOptions options);

    /// <summary>Builds new metadata from what is left of a pool's; durable on return.</summary>
    RepairReport Repair(string poolDirectory, string newPoolDirectory, bool force);

    /// <summary>Who reads an extent; changes nothing.</summary>
    ExtentUseResponse WhereIs(string poolDirectory, ExtentPlace place);
}
