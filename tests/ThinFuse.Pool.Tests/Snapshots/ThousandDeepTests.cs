using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Snapshots;

/// <summary>A thousand layers on one another, in content and in accounting.</summary>
public sealed class ThousandDeepTests(ITestOutputHelper output) : IDisposable
{
    private const int Depth = 1000;
    private const int ChunkBytes = 16 << 10;
    private const int SizeBytes = 4 * ChunkBytes;
    private readonly MemoryOverlayStorage _storage = new(new SimulatedDisk(), SimulatedDisk.PoolDirectory);
    private readonly ModelPool _model = new();

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void A_chain_is_deleted_from_the_middle_outwards_while_its_head_is_written()
    {
        const int seed = 20261124;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using ThinPool pool = NewPool();
        using VolumeHandle head = pool.Open(pool.Find("vm1")!.Id);
        for (int i = 0; i < Depth; i++)
        {
            Write(random, head);
            pool.CreateSnapshot("vm1", $"vm1@{i:d4}");
            _model.Files[$"vm1@{i:d4}"] = _model["vm1"];
        }

        // The further out, the later; within a band of 50 as it comes.
        int[] order = [.. Enumerable.Range(0, Depth).OrderBy(i => Math.Abs(i - (Depth / 2)) + random.Next(50))];
        for (int step = 0; step < Depth; step++)
        {
            Write(random, head);
            string name = $"vm1@{order[step]:d4}";
            bool isCompared = step % 10 == 0;
            pool.ReclaimNow();
            long exclusive = isCompared ? pool.Find(pool.Find(name)!.Id, withExclusive: true)!.ExclusiveBytes : 0;
            long before = pool.Status().AllocatedBytes;
            pool.Delete(name);
            _model.Files.Remove(name);
            pool.ReclaimNow();
            if (isCompared)
            {
                (before - pool.Status().AllocatedBytes).Should().Be(exclusive, $"{name} at step {step}");
                Compare(pool, random, step);
            }
        }

        PoolContent.MustMatch(pool, _model.Files, "all deleted");
        pool.Check().Layers.Should().Be(1);
        VolumeInfo last = pool.Find(head.Id, withExclusive: true)!;
        pool.Status().AllocatedBytes.Should().Be(last.AllocatedBytes).And.Be(last.ExclusiveBytes);
    }

    [Fact]
    public void Snapshots_of_snapshots_of_snapshots_are_read_rolled_back_to_and_deleted()
    {
        Random random = new(7);
        using ThinPool pool = NewPool();
        string name = "vm1";
        for (int i = 0; i < Depth; i++)
        {
            pool.CreateSnapshots([(name, $"vm1@{i:d4}")], writable: true);
            _model.Files[$"vm1@{i:d4}"] = _model[name];
            name = $"vm1@{i:d4}";
            using VolumeHandle snapshot = pool.Open(pool.Find(name)!.Id);
            byte[] data = TestPool.Pattern(random.Next(), 1000);
            int offset = random.Next(SizeBytes - data.Length);
            snapshot.Write(offset, data);
            _model.Write(name, offset, data);
        }

        pool.Find(name)!.Origin.Should().Be($"vm1@{Depth - 2:d4}");
        pool.Find(name)!.IsSnapshot.Should().BeTrue();
        PoolContent.Difference(_model[name], PoolContent.Read(pool, name)).Should().BeNull();
        pool.RollBack(name, new RollbackOptions(DiscardCurrent: true)).Volume.Name.Should().Be("vm1");
        _model.Files["vm1"] = _model[name];

        foreach (string deleted in _model.Files.Keys.Where(key => key != "vm1").OrderBy(_ => random.Next()).Take(Depth - 5).ToArray())
        {
            pool.Delete(deleted);
            _model.Files.Remove(deleted);
        }

        pool.ReclaimNow();
        PoolContent.MustMatch(pool, _model.Files, "five are left");
        pool.Check().Problems.Should().BeEmpty();
    }

    private ThinPool NewPool()
    {
        ThinPool.Create(_storage, EngineOptions.Pool(64 << 20, ChunkBytes));
        ThinPool pool = ThinPool.Open(_storage, EngineOptions.Quiet);
        pool.CreateVolume("vm1", SizeBytes);
        _model.Files["vm1"] = new byte[SizeBytes];
        return pool;
    }

    private void Write(Random random, VolumeHandle head)
    {
        byte[] data = TestPool.Pattern(random.Next(), random.Next(1, 9000));
        int offset = random.Next(SizeBytes - data.Length);
        head.Write(offset, data);
        _model.Write("vm1", offset, data);
        if (random.Next(8) == 0)
        {
            int from = random.Next(SizeBytes);
            head.Punch(from, 10_000);
            _model.Punch("vm1", from, 10_000);
        }
    }

    /// <summary>The head, and some of the snapshots each time: over all steps each of them several times.</summary>
    private void Compare(ThinPool pool, Random random, int step)
    {
        pool.Check().Problems.Should().BeEmpty($"step {step}");
        foreach (string name in _model.Files.Keys.Where(key => key == "vm1" || random.Next(8) == 0))
        {
            string? difference = PoolContent.Difference(_model[name], PoolContent.Read(pool, name));
            difference.Should().BeNull($"{name} {difference} at step {step}");
        }
    }
}
