using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Pool.Tests.Faults.BadDisk;

namespace ThinFuse.Pool.Tests.Faults;

/// <summary>Extents that cannot be written: what they hold moves, the write goes on, and they are never used again.</summary>
public sealed class BadPlaceTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    [Fact]
    public void A_write_to_a_new_extent_that_is_bad_goes_elsewhere_and_the_extent_is_never_used_again()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle volume = test.Volume("vm1", 60 * Chunk);
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { SticksToPlace = true });
        byte[] data = TestPool.Pattern(1, Chunk);
        volume.Write(0, data);
        volume.Flush();
        long bad = test.Pool.Core.Metadata.Retired.Should().ContainSingle().Subject;
        PoolStatus status = test.Pool.Status();
        status.Should().Match<PoolStatus>(s => s.RetiredExtents == 1 && s.RetiredBytes == Chunk && s.Mode == PoolMode.Write && !s.NeedsCheck);
        status.AllocatedBytes.Should().Be(2 * Chunk);
        test.Events.Should().Contain(PoolEventKinds.NodeFault);
        test.Pool.WhereIs(ExtentPlace.OfExtent(bad)).State.Should().Be(ExtentState.Retired);

        // Everything else is used, and nothing meets the bad place.
        byte[] rest = TestPool.Pattern(2, 59 * Chunk);
        volume.Write(Chunk, rest);
        test.Pool.Status().RetiredExtents.Should().Be(1);
        test.MustBeClean();
        foreach (Action reopen in (Action[])[test.KillAndReopen, test.CloseAndReopen, () => test.Pool.Checkpoint()])
        {
            volume.Dispose();
            reopen();
            test.Pool.Core.Metadata.Retired.Should().Equal(bad);
            test.Pool.Status().RetiredExtents.Should().Be(1);
            test.Read("vm1").Should().Equal([.. data, .. rest]);
            test.MustBeClean();
        }

        using TestPool cut = TestPool.Open(test.Disk.AfterPowerCut(test.Disk.IoCount, 0));
        cut.Pool.Core.Metadata.Retired.Should().Equal(bad);
        cut.MustBeClean();
    }

    [Theory]
    [InlineData(Block, Block)]
    [InlineData(100, 3000)]
    [InlineData(0, Chunk)]
    [InlineData(Chunk - 1000, 2000)]
    public void An_overwrite_of_a_bad_extent_takes_along_what_it_holds(int offset, int length)
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 3 * Chunk);
        byte[] content = [.. TestPool.Pattern(1, 2 * Chunk), .. new byte[Chunk]];
        volume.Write(0, content.AsSpan(0, 2 * Chunk));
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        byte[] upper = TestPool.Pattern(2, 5 * Block);
        volume.Write(4 * Block, upper);
        byte[] old = (byte[])content.Clone();
        upper.CopyTo(content, 4 * Block);
        long bad = Own(test, "vm1", 0).Extent;
        Break(test, bad, SimulatedIoKind.Write);
        byte[] data = TestPool.Pattern(3, length);
        volume.Write(offset, data);
        data.CopyTo(content, offset);
        Own(test, "vm1", 0).Extent.Should().NotBe(bad);
        test.Pool.Core.Metadata.Retired.Should().Equal(bad);
        test.Read("vm1").Should().Equal(content);
        test.Read("vm1@s").Should().Equal(old);
        test.MustBeClean();
        volume.Dispose();
        test.KillAndReopen();
        test.Read("vm1").Should().Equal(content);
        test.Read("vm1@s").Should().Equal(old);
        test.MustBeClean();
    }

    [Fact]
    public void A_block_that_cannot_be_read_is_lost_and_an_error_until_it_is_written()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] below = TestPool.Pattern(9, Chunk);
        volume.Write(0, below);
        test.Pool.CreateSnapshot("vm1", "vm1@below");
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        Break(test, Own(test, "vm1", 0).Extent, ReadsAndWrites, 3 * Block, Block);
        Break(test, Own(test, "vm1", 0).Extent, SimulatedIoKind.Write);
        byte[] data = TestPool.Pattern(2, Block);
        volume.Write(7 * Block, data);
        data.CopyTo(content, 7 * Block);
        Own(test, "vm1", 0).LostBlocks.Should().Be(1 << 3);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        test.Pool.Clone("vm1@s", "c");
        Expect();
        volume.SeekData(0).Should().Be(0);
        volume.SeekHole(0).Should().Be(Chunk, "what is lost is no hole");
        Refused(() => volume.Write((3 * Block) + 10, new byte[10]), "the rest of the block is not known");
        volume.Dispose();
        test.CloseAndReopen();
        Expect();
        test.KillAndReopen();
        Expect();
        CheckReport report = test.Pool.Check();
        report.Problems.Should().BeEmpty();
        report.Should().Match<CheckReport>(r => r.LostBytes == Block && r.RetiredExtents == 1);

        // A merge keeps what it is, and so does a flatten, which cannot copy it.
        test.Pool.Jobs.WaitForEnd(test.Pool.Flatten("c", new JobSettings()).Id).Should().Match<JobInfo>(
            job => job.State == JobState.Failed && job.Error!.Contains("c offset 0"));
        test.Pool.Delete("c");
        test.Pool.Delete("vm1@s");
        test.Pool.Delete("vm1@below");
        test.Pool.ReclaimNow();
        ExpectOf("vm1");
        test.MustBeClean();
        using (VolumeHandle again = test.Handle("vm1"))
        {
            again.Write(3 * Block, content.AsSpan(3 * Block, Block));
        }

        test.Read("vm1").Should().Equal(content);
        test.Pool.Check().LostBytes.Should().Be(0);

        void Expect()
        {
            test.Read("vm1@below").Should().Equal(below);
            foreach (string name in (string[])["vm1", "vm1@s", "c"])
            {
                ExpectOf(name);
            }
        }

        void ExpectOf(string name)
        {
            using VolumeHandle handle = test.Handle(name);
            byte[] read = new byte[Chunk];
            handle.Read(0, read.AsSpan(0, 3 * Block));
            handle.Read(4 * Block, read.AsSpan(4 * Block));
            content.AsSpan(3 * Block, Block).CopyTo(read.AsSpan(3 * Block));
            read.Should().Equal(content);
            Refused(() => handle.Read(3 * Block, new byte[Block]), name);
            Refused(() => handle.Read(0, new byte[Chunk]), name);
        }
    }

    [Fact]
    public void Lost_blocks_and_retired_extents_go_through_a_dump()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        volume.Write(0, TestPool.Pattern(1, Chunk));
        Break(test, Own(test, "vm1", 0).Extent, ReadsAndWrites);
        volume.Write(0, new byte[Block]);
        ChunkException own = Own(test, "vm1", 0);
        own.Should().Match<ChunkException>(exception => exception.LostBlocks == 0xfffe && exception.PresentBlocks == 1);
        using StringWriter dump = new();
        test.Pool.Dump(dump);
        test.Disk.ClearFaults();
        test.Pool.Commit();
        SimulatedDisk again = test.Disk.AfterKill(test.Disk.IoCount);
        foreach (string file in again.List(".").Where(name => name is not ("nodes" or "journal" or "table")))
        {
            again.Delete(file);
        }

        foreach (string file in again.List("journal").Select(name => $"journal/{name}").Concat(again.List("table").Select(name => $"table/{name}")))
        {
            again.Delete(file);
        }

        Recovery.Dumping.PoolRestorer.Run(new StringReader(dump.ToString()), again, new PoolRestoreOptions());
        using TestPool restored = TestPool.Open(again);
        restored.MustBeClean();
        Own(restored, "vm1", 0).Should().Be(own);
        restored.Pool.Core.Metadata.Retired.Should().Equal(test.Pool.Core.Metadata.Retired);
        using StringWriter second = new();
        restored.Pool.Dump(second);
        second.ToString().Should().Be(dump.ToString());
    }

    [Fact]
    public void Without_another_extent_the_write_gets_the_disks_error_and_nothing_changes()
    {
        using TestPool test = TestPool.Create(2);
        using VolumeHandle volume = test.Volume("vm1", 2 * Chunk);
        byte[] content = TestPool.Pattern(1, 2 * Chunk);
        volume.Write(0, content);
        Break(test, Own(test, "vm1", 1).Extent, SimulatedIoKind.Write);
        Refused(() => volume.Write(Chunk, new byte[Block]), "nothing is free");
        test.Read("vm1").Should().Equal(content);
        test.Pool.Status().Should().Match<PoolStatus>(status => status.RetiredExtents == 0 && status.Mode == PoolMode.Write);
        test.MustBeClean();
    }

    [Fact]
    public void A_node_that_takes_no_write_at_all_loses_no_extents_to_it()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { IsSticky = true });
        long free = test.Pool.Status().FreeBytes;
        foreach (long offset in (long[])[0, 2 * Chunk, 100])
        {
            Refused(() => volume.Write(offset, new byte[Block]), $"at {offset}");
        }

        test.Pool.Status().Should().Match<PoolStatus>(status => status.RetiredExtents == 0 && status.FreeBytes == free);
        test.Read("vm1")[..Chunk].Should().Equal(content);
        test.MustBeClean();
    }

    [Fact]
    public void What_was_promised_is_still_kept_when_its_extents_are_bad()
    {
        using TestPool test = TestPool.Create(16);
        test.Pool.CreateVolume("vm1", 4 * Chunk, new ReservePolicy(ReserveMode.Full));
        using VolumeHandle volume = test.Handle("vm1");
        for (int chunk = 0; chunk < 3; chunk++)
        {
            volume.Write(chunk * Chunk, TestPool.Pattern(chunk, Chunk));
        }

        Break(test, Own(test, "vm1", 0).Extent, SimulatedIoKind.Write);
        Break(test, Own(test, "vm1", 1).Extent, ReadsAndWrites);
        volume.Write(Block, new byte[Block]);
        volume.Write(Chunk + Block, new byte[Block]);
        test.MustBeClean();
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { SticksToPlace = true });
        volume.Write(3 * Chunk, TestPool.Pattern(3, Chunk));
        test.Pool.Status().Should().Match<PoolStatus>(status => status.RetiredExtents == 3 && status.ReservedBytes == 0 && status.AllocatedBytes == 7 * Chunk);
        test.MustBeClean();
        volume.Punch(0, 4 * Chunk);
        test.Pool.Commit();
        test.MustBeClean();
    }

    [Fact]
    public void A_bad_extent_beside_the_end_leaves_nothing_behind_it()
    {
        using TestPool test = TestPool.Create(16, alignmentBytes: 512);
        using VolumeHandle volume = test.Volume("vm1", 1024);
        byte[] content = TestPool.Pattern(1, 1024);
        volume.Write(0, content);
        Break(test, Own(test, "vm1", 0).Extent, SimulatedIoKind.Write);
        byte[] data = TestPool.Pattern(2, 1024);
        volume.Write(512, data);
        test.Read("vm1").Should().Equal([.. content[..512], .. data]);
        test.Events.Should().NotContain(PoolEventKinds.WriteNotUndone);
        volume.Resize(Chunk);
        test.Read("vm1").Should().Equal([.. content[..512], .. data, .. new byte[Chunk - 1536]]);
        test.MustBeClean();
    }

    private static void Refused(Action act, string why) => act.Should().Throw<StorageException>(why).Which.ErrorNumber.Should().Be(Errno.EIO);
}
