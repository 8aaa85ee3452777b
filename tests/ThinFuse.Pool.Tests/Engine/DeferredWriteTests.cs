using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Writes that share one write of the journal.</summary>
public sealed class DeferredWriteTests : IDisposable
{
    private const int Block = TestPool.BlockBytes;
    private const int Blocks = 64;

    private readonly TestPool _pool = TestPool.Create(extents: 32);
    private readonly VolumeHandle _volume;

    public DeferredWriteTests() => _volume = _pool.Volume("v", Blocks * Block);

    public void Dispose()
    {
        _volume.Dispose();
        _pool.Dispose();
    }

    [Fact]
    public void Many_take_one_write_of_the_journal_and_outlive_the_process_once_settled()
    {
        int before = _pool.Disk.IoCount;
        for (int i = 0; i < Blocks; i++)
        {
            DeferredWrite.Publish(_volume, i * Block, Data(i));
        }

        (_pool.Disk.IoCount - before).Should().Be(Blocks, "only the data is written so far");
        ContentAfterKill().Should().OnlyContain(value => value == 0);
        _pool.Pool.Settle();
        (_pool.Disk.IoCount - before).Should().Be(Blocks + 1);
        ContentAfterKill().Should().Equal(Enumerable.Range(0, Blocks).SelectMany(Data));
        _pool.Pool.Settle();
        (_pool.Disk.IoCount - before).Should().Be(Blocks + 1);
    }

    [Fact]
    public void An_overwrite_that_is_not_deferred_takes_what_it_depends_on_along()
    {
        DeferredWrite.Publish(_volume, 0, Data(1));
        _volume.Write(0, Data(2));
        ContentAfterKill().AsSpan(0, Block).SequenceEqual(Data(2)).Should().BeTrue();
    }

    [Fact]
    public void Whatever_comes_after_them_in_the_journal_takes_them_along()
    {
        DeferredWrite.Publish(_volume, 0, Data(1));
        _pool.Pool.CreateSnapshots([("v", "v@s")]);
        DeferredWrite.Publish(_volume, 0, Data(2));
        _volume.Flush();
        using TestPool after = TestPool.Open(_pool.Disk.AfterPowerCut(_pool.Disk.IoCount, seed: 0));
        PoolContent.Read(after.Pool, "v@s").AsSpan(0, Block).SequenceEqual(Data(1)).Should().BeTrue();
        PoolContent.Read(after.Pool, "v").AsSpan(0, Block).SequenceEqual(Data(2)).Should().BeTrue();
    }

    [Fact]
    public void A_journal_that_refuses_them_is_told_to_who_settles_every_time_and_the_pool_takes_no_more()
    {
        DeferredWrite.Publish(_volume, 0, Data(1));
        _pool.Disk.Inject(new SimulatedFault(TestPool.JournalFiles, SimulatedIoKind.Write, Errno.EIO));
        Action settle = _pool.Pool.Settle;
        settle.Should().Throw<StorageException>();
        settle.Should().Throw<StorageException>("what waited is lost, whatever the disk says now");
        _pool.Pool.Status().Mode.Should().Be(PoolMode.ReadOnly);
        new Action(() => _volume.Write(Block, Data(2))).Should().Throw<PoolException>();
        ContentAfterKill().Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public void One_whose_record_another_s_failure_took_down_is_not_settled()
    {
        DeferredWrite.Publish(_volume, 0, Data(1));
        _pool.Disk.Inject(new SimulatedFault(TestPool.JournalFiles, SimulatedIoKind.Write, Errno.EIO));
        new Action(() => _volume.Write(Block, Data(2))).Should().Throw<StorageException>();
        new Action(_pool.Pool.Settle).Should().Throw<StorageException>();
    }

    private static byte[] Data(int number) => [.. Enumerable.Repeat((byte)(number + 1), Block)];

    private byte[] ContentAfterKill()
    {
        using TestPool after = TestPool.Open(_pool.Disk.AfterKill(_pool.Disk.IoCount));
        return PoolContent.Read(after.Pool, "v");
    }
}
