using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>A pool on a simulated disk, and the few things tests do with it all the time.</summary>
internal sealed class TestPool : IDisposable
{
    internal const int ChunkBytes = 64 << 10;
    internal const int BlockBytes = 4096;
    internal const string NodeFiles = "*/nodes/*";
    internal const string JournalFiles = "*/journal/*";
    internal const string TableFiles = "*/table/*";

    private readonly List<string> _events = [];

    private TestPool(SimulatedDisk disk, PoolOpenOptions options)
    {
        Disk = disk;
        Options = options;
        CheckIfNeeded(disk, options);
        Pool = ThinPool.Open(disk, options);
        Pool.Happened += Record;
    }

    /// <summary>How it is opened, every time.</summary>
    internal PoolOpenOptions Options { get; }

    internal SimulatedDisk Disk { get; private set; }

    internal ThinPool Pool { get; private set; }

    /// <summary>Kinds of the events so far.</summary>
    internal IReadOnlyList<string> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>Makes and opens a pool of so many extents.</summary>
    internal static TestPool Create(
        int extents, int chunkBytes = ChunkBytes, int alignmentBytes = 4096, PoolOpenOptions? options = null, bool sparseNodes = false)
    {
        SimulatedDisk disk = new() { DirectAlignmentBytes = alignmentBytes };
        ThinPool.Create(disk, EngineOptions.Pool((long)extents * chunkBytes, chunkBytes) with { Preallocation = sparseNodes ? NodePreallocation.Off : NodePreallocation.Falloc });
        if (options?.RecoversTable is not null)
        {
            PlainTable.Install(disk);
        }

        return new TestPool(disk, options ?? EngineOptions.Quiet);
    }

    /// <summary>Opens the pool that a disk holds.</summary>
    internal static TestPool Open(SimulatedDisk disk, PoolOpenOptions? options = null) => new(disk, options ?? EngineOptions.Quiet);

    /// <summary>The volume that a rollback to the snapshot changes; null when that is gone.</summary>
    internal static string? RollbackTarget(ThinPool pool, string snapshot)
    {
        try
        {
            return pool.RollbackTarget(snapshot).Name;
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NotFound)
        {
            return null;
        }
    }

    internal VolumeHandle Volume(string name, long sizeBytes)
    {
        Pool.CreateVolume(name, sizeBytes);
        return Handle(name);
    }

    internal VolumeHandle Handle(string name) => Pool.Open(Pool.Find(name)!.Id);

    internal byte[] Read(string name) => PoolContent.Read(Pool, name);

    internal void MustBeClean() => Pool.Check().Problems.Should().BeEmpty();

    /// <summary>Opens the pool as a successor of a killed process would find it.</summary>
    internal void KillAndReopen()
    {
        SimulatedDisk survivor = Disk.AfterKill(Disk.IoCount);
        Pool.Abandon();
        Replace(survivor);
    }

    internal void CloseAndReopen()
    {
        Pool.Dispose();
        Replace(Disk);
    }

    /// <summary>Bytes that no other value of <paramref name="seed"/> gives, each block different.</summary>
    internal static byte[] Pattern(int seed, int lengthBytes)
    {
        byte[] data = new byte[lengthBytes];
        new Random(seed).NextBytes(data);
        return data;
    }

    /// <summary>Closes the pool; one that does not close is a deadlock, and said so instead of waited for.</summary>
    public void Dispose() => BackgroundCall.Run("close the pool", Pool.Dispose);

    private void Replace(SimulatedDisk disk)
    {
        Disk = disk;
        CheckIfNeeded(disk, Options);
        Pool = ThinPool.Open(disk, Options);
        Pool.Happened += Record;
    }

    /// <summary>After a failure of the pool, what its owner does before it is used again.</summary>
    private static void CheckIfNeeded(SimulatedDisk disk, PoolOpenOptions options)
    {
        if (NeedsCheck.Find(disk) is not null)
        {
            OfflineCheck.Run(disk, SimulatedDisk.PoolDirectory, null, options).Problems.Should().BeEmpty();
            NeedsCheck.Clear(disk);
        }
    }

    private void Record(PoolEvent happened)
    {
        lock (_events)
        {
            _events.Add(happened.Kind);
        }
    }
}
