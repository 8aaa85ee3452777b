using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Transfer;

/// <summary>A volume with two snapshots, and a second pool, of other chunks, that has received the first of them.</summary>
internal sealed class Replica : IDisposable
{
    internal const int Block = TestPool.BlockBytes;
    private readonly List<TestPool> _copies = [];

    internal Replica()
    {
        Source = TestPool.Create(256);
        using VolumeHandle vm1 = Source.Volume("vm1", 40 * Block);
        vm1.Write(0, TestPool.Pattern(1, 12 * Block));
        Source.Pool.CreateSnapshot("vm1", "vm1@mon");
        vm1.Write(Block, TestPool.Pattern(2, Block));
        vm1.Write(3 * Block, TestPool.Pattern(3, 700));
        vm1.Punch(5 * Block, 2 * Block);
        vm1.Write(9 * Block, new byte[Block]);
        vm1.Write(30 * Block, TestPool.Pattern(4, 3 * Block));
        vm1.Resize((60 * Block) + 512);
        vm1.Write(60 * Block, TestPool.Pattern(5, 512));
        Source.Pool.CreateSnapshot("vm1", "vm1@tue");
        vm1.Write(0, TestPool.Pattern(6, Block));
        Full = Wire.Send(Source, "vm1@mon");
        Changes = Wire.Send(Source, "vm1@tue", "vm1@mon");
        Mon = Source.Read("vm1@mon");
        Tue = Source.Read("vm1@tue");
        using TestPool target = TestPool.Create(64, 16 << 10);
        Wire.Receive(target, Full, "vm1");
        target.CloseAndReopen();
        Disk = target.Disk.AfterKill(target.Disk.IoCount);
    }

    internal TestPool Source { get; }

    internal byte[] Mon { get; }

    internal byte[] Tue { get; }

    /// <summary>Everything of the first snapshot.</summary>
    internal byte[] Full { get; }

    /// <summary>What changed until the second.</summary>
    internal byte[] Changes { get; }

    /// <summary>The second pool, closed.</summary>
    internal SimulatedDisk Disk { get; }

    /// <summary>A second pool as it is after it received the first snapshot.</summary>
    internal TestPool NewTarget()
    {
        TestPool copy = TestPool.Open(Disk.AfterKill(Disk.IoCount));
        _copies.Add(copy);
        return copy;
    }

    /// <summary>The target is as it was: nothing has arrived as far as anybody can see.</summary>
    internal void MustBeUntouched(TestPool target, string when)
    {
        target.Pool.Find("vm1@tue").Should().BeNull(when);
        PoolContent.Difference(Mon, target.Read("vm1")).Should().BeNull(when);
        PoolContent.Difference(Mon, target.Read("vm1@mon")).Should().BeNull(when);
        target.MustBeClean();
    }

    /// <summary>The target has the second snapshot, and nothing else than it should.</summary>
    internal void MustHaveChanges(TestPool target, string when)
    {
        target.Pool.Volumes(false).Select(info => info.Name).Should().Equal(["vm1", "vm1@mon", "vm1@tue"], when);
        PoolContent.Difference(Tue, target.Read("vm1")).Should().BeNull(when);
        PoolContent.Difference(Tue, target.Read("vm1@tue")).Should().BeNull(when);
        PoolContent.Difference(Mon, target.Read("vm1@mon")).Should().BeNull(when);
        target.Pool.ReclaimNow();
        target.MustBeClean();
        PoolContent.Difference(Tue, target.Read("vm1")).Should().BeNull($"{when}, reclaimed");
    }

    public void Dispose()
    {
        _copies.ForEach(copy => copy.Dispose());
        Source.Dispose();
    }
}
