using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>What is promised, and whose what is allocated is.</summary>
public sealed class OvercommitTests : IDisposable
{
    private const int Chunk = TestPool.ChunkBytes;

    private readonly TestPool _test = TestPool.Create(64);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Promised_are_the_sizes_of_volumes_in_whole_chunks_and_not_those_of_snapshots()
    {
        MustPromise(0);
        _test.Pool.CreateVolume("vm1", (32 * Chunk) + 512);
        MustPromise(33);
        _test.Pool.CreateSnapshot("vm1", "vm1@s");
        MustPromise(33);
        _test.Pool.Clone("vm1@s", "vm2");
        MustPromise(66);
        _test.Pool.Status().OvercommitRatio.Should().Be(66.0 / 64);
        _test.Pool.Resize("vm2", 0);
        _test.Pool.Delete("vm1");
        MustPromise(0);
    }

    [Fact]
    public void Allocated_is_exclusive_or_shared()
    {
        using VolumeHandle volume = _test.Volume("vm1", 64 * Chunk);
        volume.Write(0, new byte[10 * Chunk]);
        MustBe(exclusive: 10, shared: 0);
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        MustBe(exclusive: 0, shared: 10);
        volume.Write(0, new byte[3 * Chunk]);
        MustBe(exclusive: 3, shared: 10);
        _test.Pool.Clone("vm1@a", "vm2");
        MustBe(exclusive: 3, shared: 10);
        _test.Pool.CreateSnapshot("vm1", "vm1@b");
        MustBe(exclusive: 0, shared: 13);
        using (VolumeHandle clone = _test.Handle("vm2"))
        {
            clone.Write(20 * Chunk, new byte[2 * Chunk]);
        }

        MustBe(exclusive: 2, shared: 13);
        foreach (string name in new[] { "vm1@b", "vm1@a", "vm2" })
        {
            _test.Pool.Delete(name);
        }

        _test.Pool.ReclaimNow();
        MustBe(exclusive: 10, shared: 0);
    }

    [Fact]
    public void A_volume_tells_what_deleting_it_leaves()
    {
        using VolumeHandle volume = _test.Volume("vm1", 64 * Chunk);
        volume.Write(0, new byte[10 * Chunk]);
        _test.Pool.CreateSnapshot("vm1", "vm1@a");
        volume.Write(10 * Chunk, new byte[2 * Chunk]);

        VolumeInfo info = _test.Pool.Find(volume.Id, withExclusive: true)!;

        info.AllocatedBytes.Should().Be(12 * Chunk);
        info.ExclusiveBytes.Should().Be(2 * Chunk);
        info.SharedBytes.Should().Be(10 * Chunk);
    }

    private void MustPromise(int chunks) => _test.Pool.Status().PromisedBytes.Should().Be(chunks * Chunk);

    private void MustBe(int exclusive, int shared)
    {
        PoolStatus status = _test.Pool.Status();
        status.ExclusiveBytes.Should().Be(exclusive * Chunk);
        status.SharedBytes.Should().Be(shared * Chunk);
        status.AllocatedBytes.Should().Be((exclusive + shared) * Chunk);
    }
}
