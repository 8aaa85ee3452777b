using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Deleted volumes that were open when the process died: a successor has them, anybody else gets their space.</summary>
public sealed class NamelessTests
{
    private const int Chunk = TestPool.ChunkBytes;

    private static readonly PoolOpenOptions Succeeding = EngineOptions.Quiet with { TakesOver = true };

    [Fact]
    public void A_successor_goes_on_with_a_deleted_volume_as_it_was()
    {
        SimulatedDisk disk = DiskOfDeadProcess(out ulong id);
        using ThinPool pool = ThinPool.Open(disk, Succeeding);
        using (VolumeHandle volume = pool.Open(id))
        {
            pool.ForgetUnopenedNameless();
            pool.ReclaimNow();
            byte[] found = new byte[2 * Chunk];
            volume.Read(0, found).Should().Be(2 * Chunk, "it was cut when its name was gone already");
            found.AsSpan().IndexOfAnyExcept((byte)7).Should().Be(-1);
            pool.Volumes().Should().BeEmpty();
            pool.Check().Problems.Should().BeEmpty();
        }

        pool.ReclaimNow();
        pool.Status().AllocatedBytes.Should().Be(0);
        disk.List("nameless").Should().BeEmpty();
    }

    [Fact]
    public void What_a_successor_does_not_open_is_given_back()
    {
        SimulatedDisk disk = DiskOfDeadProcess(out _);
        using ThinPool pool = ThinPool.Open(disk, Succeeding);
        pool.ForgetUnopenedNameless();
        pool.ReclaimNow();

        pool.Status().AllocatedBytes.Should().Be(0);
        disk.List("nameless").Should().BeEmpty();
    }

    [Fact]
    public void Whoever_opens_the_pool_otherwise_finds_nothing_of_it()
    {
        SimulatedDisk disk = DiskOfDeadProcess(out ulong id);
        using ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet);

        FluentActions.Invoking(() => pool.Open(id)).Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NotFound);
        pool.ReclaimNow();
        pool.Status().AllocatedBytes.Should().Be(0);
        disk.List("nameless").Should().BeEmpty();
    }

    [Fact]
    public void A_name_that_was_about_to_go_and_did_not_keeps_its_volume()
    {
        using TestPool pool = TestPool.Create(16);
        VolumeHandle volume = pool.Volume("vm1", 4 * Chunk);
        new NamelessVolumes(pool.Disk).Keep(new VolumeRecord(volume.Id, "vm1", VolumeKind.Volume, 1, 4 * Chunk, 0, 0, 0, 0));
        pool.Pool.Abandon();

        using ThinPool successor = ThinPool.Open(pool.Disk, Succeeding);

        successor.Find("vm1")!.Id.Should().Be(volume.Id);
        pool.Disk.List("nameless").Should().BeEmpty();
    }

    [Fact]
    public void A_deleted_volume_that_is_open_can_be_opened_again_by_its_id_and_cut()
    {
        using TestPool pool = TestPool.Create(16);
        using VolumeHandle volume = pool.Volume("vm1", 4 * Chunk);
        pool.Pool.Delete("vm1");

        using (VolumeHandle again = pool.Pool.Open(volume.Id))
        {
            again.Resize(Chunk);
        }

        volume.SizeBytes.Should().Be(Chunk);
    }

    /// <summary>A process that had a volume open, deleted it, cut it, and died.</summary>
    private static SimulatedDisk DiskOfDeadProcess(out ulong id)
    {
        TestPool pool = TestPool.Create(16);
        VolumeHandle volume = pool.Volume("vm1", 4 * Chunk);
        id = volume.Id;
        volume.Write(0, Enumerable.Repeat((byte)7, 4 * Chunk).ToArray());
        pool.Pool.Delete("vm1");
        volume.Resize(2 * Chunk);
        pool.Pool.Abandon();
        return pool.Disk;
    }
}
