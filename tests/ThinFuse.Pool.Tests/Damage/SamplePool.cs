using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Recovery.Dumping;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Damage;

/// <summary>A pool with volumes, snapshots, holes, zeroes and a clone, one of them half flattened, what each of them holds, and what tools make of the disk it lies on.</summary>
internal sealed class SamplePool
{
    internal const int Chunk = 16 << 10;
    internal const string FirstNode = "nodes/n-0.data";
    private const int Extents = 256;

    /// <summary>A record of the table each 32 chunks: so many that they fill more than a block of its log.</summary>
    private const int WideChunks = 768;

    private SamplePool(SimulatedDisk disk, ModelPool model) => (Disk, Model) = (disk, model);

    internal SimulatedDisk Disk { get; }

    internal ModelPool Model { get; }

    /// <summary>Makes one; left in order, or as a process that was killed after a checkpoint and more leaves it.</summary>
    internal static SamplePool Make(bool close)
    {
        SimulatedDisk disk = new();
        ModelPool model = new();
        ThinPool.Create(disk, EngineOptions.Pool(Extents * Chunk, Chunk));
        ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet);
        Create("vm1", 80);
        Create("vm2", 8);
        Create("wide", WideChunks);
        for (int i = 0; i < WideChunks; i += 32)
        {
            Write("wide", i * Chunk, 400 + i, 4096);
        }

        for (int i = 0; i < 30; i++)
        {
            Write("vm1", i * 2 * Chunk, i, Chunk);
        }

        Snapshot("vm1", "vm1@s");
        pool.Checkpoint();
        for (int i = 0; i < 8; i++)
        {
            Write("vm2", i * Chunk, 100 + i, Chunk);
        }

        Write("vm1", 4096, 200, 4096);
        Write("vm1", 5 * Chunk, 201, 3 * Chunk);
        using (VolumeHandle handle = pool.Open(pool.Find("vm1")!.Id))
        {
            handle.Punch(8 * Chunk, 2 * Chunk);
            model.Punch("vm1", 8 * Chunk, 2 * Chunk);
        }

        Snapshot("vm1", "vm1@t");
        pool.Clone("vm1@s", "vm3");
        model.Files["vm3"] = model["vm1@s"];
        Write("vm3", 0, 300, 2 * Chunk);
        pool.Flatten("vm3", new JobSettings(IsPaused: true, RateBytesPerSecond: 1 << 20));
        if (close)
        {
            pool.Dispose();
        }
        else
        {
            pool.Abandon();
        }

        return new SamplePool(disk, model);

        void Create(string name, int chunks)
        {
            pool.CreateVolume(name, chunks * Chunk);
            model.Files[name] = new byte[chunks * Chunk];
        }

        void Write(string name, int offset, int seed, int length)
        {
            using VolumeHandle handle = pool.Open(pool.Find(name)!.Id);
            byte[] data = TestPool.Pattern(seed, length);
            handle.Write(offset, data);
            model.Write(name, offset, data);
        }

        void Snapshot(string name, string snapshot)
        {
            pool.CreateSnapshot(name, snapshot);
            model.Files[snapshot] = model[name];
        }
    }

    /// <summary>The disk as it is now, to be damaged.</summary>
    internal SimulatedDisk Copy() => Disk.AfterKill(Disk.IoCount);

    /// <summary>The disk with the nodes, and nothing that says what is in them.</summary>
    internal SimulatedDisk CopyOfNodes()
    {
        SimulatedDisk disk = Copy();
        Wipe(disk);
        return disk;
    }

    internal static void Wipe(SimulatedDisk disk)
    {
        foreach (string name in disk.List(".").Where(name => name is not (PoolLayout.NodeDirectory or PoolLayout.TableDirectory or PoolLayout.JournalDirectory)))
        {
            disk.Delete(name);
        }

        foreach (string directory in (string[])[PoolLayout.TableDirectory, PoolLayout.JournalDirectory])
        {
            foreach (string name in disk.List(directory))
            {
                disk.Delete($"{directory}/{name}");
            }
        }
    }

    /// <summary>A dump of the pool on a disk, which does not change.</summary>
    internal static string Dump(SimulatedDisk disk)
    {
        using StringWriter text = new();
        using MemoryOverlayStorage overlay = new(disk, SimulatedDisk.PoolDirectory);
        using ThinPool pool = ThinPool.Open(overlay, EngineOptions.Quiet);
        pool.Dump(text);
        return text.ToString();
    }

    internal static void Restore(string dump, SimulatedDisk disk, PoolRestoreOptions? options = null) =>
        PoolRestorer.Run(new StringReader(dump), disk, options ?? new PoolRestoreOptions());

    internal static CheckReport Check(SimulatedDisk disk) => OfflineCheck.Run(disk, SimulatedDisk.PoolDirectory, null);

    /// <summary>Opens the pool on a disk and compares all of it.</summary>
    internal void MustBeOn(SimulatedDisk disk, string when)
    {
        using ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet);
        PoolContent.MustMatch(pool, Model.Files, when);
        pool.Check().Problems.Should().BeEmpty(when);
    }

    internal static byte[] ReadFile(SimulatedDisk disk, string path)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        return bytes;
    }

    internal static void Overwrite(SimulatedDisk disk, string path, long at, ReadOnlySpan<byte> bytes)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.ReadWrite, StorageCaching.Cached);
        file.Write(at, bytes);
    }
}
