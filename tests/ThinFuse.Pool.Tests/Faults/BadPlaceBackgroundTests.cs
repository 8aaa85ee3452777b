using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Pool.Tests.Faults.BadDisk;

namespace ThinFuse.Pool.Tests.Faults;

/// <summary>Bad places that merges, flattens and writers side by side meet.</summary>
public sealed class BadPlaceBackgroundTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    [Theory]
    [InlineData(2, true, SimulatedIoKind.Write)]
    [InlineData(2, false, SimulatedIoKind.Write)]
    [InlineData(12, true, SimulatedIoKind.Write)]
    [InlineData(12, false, SimulatedIoKind.Write)]
    [InlineData(2, true, SimulatedIoKind.Read)]
    [InlineData(12, false, SimulatedIoKind.Read)]
    public void A_merge_gets_around_a_bad_extent(int upperBlocks, bool isUpperBad, object kinds)
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        long lower = Own(test, "vm1", 0).Extent;
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        byte[] data = TestPool.Pattern(2, upperBlocks * Block);
        volume.Write(Block, data);
        data.CopyTo(content, Block);
        long bad = isUpperBad ? Own(test, "vm1", 0).Extent : lower;
        SimulatedFault fault = Break(test, bad, (SimulatedIoKind)kinds);
        test.Pool.Delete("vm1@s");
        test.Pool.ReclaimNow();
        test.MustBeClean();
        bool isHit = fault.Hits != 0;
        test.Pool.Status().RetiredExtents.Should().Be(isHit && (SimulatedIoKind)kinds == SimulatedIoKind.Write ? 1 : 0);
        test.Pool.Status().AllocatedBytes.Should().Be(Chunk * (1 + test.Pool.Status().RetiredExtents), "the merge is done");
        test.Disk.ClearFaults();
        test.Read("vm1").Should().Equal(content, "what cannot be read stays where it is, and is nothing else meanwhile");
        volume.Dispose();
        test.KillAndReopen();
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
    }

    [Theory]
    [InlineData("write")]
    [InlineData("merge")]
    [InlineData("flatten")]
    [InlineData("move")]
    public void An_error_that_does_not_come_again_costs_no_extent(string work)
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        byte[] content = TestPool.Pattern(1, Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        byte[] data = TestPool.Pattern(2, 2 * Block);
        volume.Write(Block, data);
        data.CopyTo(content, Block);
        if (work == "move")
        {
            Break(test, Own(test, "vm1", 0).Extent, SimulatedIoKind.Write);
        }

        // A move proves the extent that it goes to, and copies a block: the next one is struck.
        SimulatedFault fault = test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { Skip = work == "move" ? 2 : 0 });
        switch (work)
        {
            case "merge":
                test.Pool.Delete("vm1@s");
                test.Pool.ReclaimNow();
                break;
            case "flatten":
                test.Pool.Jobs.WaitForEnd(test.Pool.Flatten("vm1", new JobSettings()).Id).State.Should().Be(JobState.Completed);
                break;
            default:
                data = TestPool.Pattern(3, Block);
                volume.Write(0, data);
                data.CopyTo(content, 0);
                break;
        }

        fault.Hits.Should().Be(1);
        test.Pool.Status().RetiredExtents.Should().Be(work == "move" ? 1 : 0);
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
    }

    [Fact]
    public void A_layer_that_cannot_be_merged_keeps_no_other_from_it()
    {
        using TestPool test = TestPool.Create(32);
        foreach (string name in (string[])["a", "b"])
        {
            using VolumeHandle volume = test.Volume(name, Chunk);
            volume.Write(0, TestPool.Pattern(1, Chunk));
            test.Pool.CreateSnapshot(name, $"{name}@s");
            volume.Write(0, TestPool.Pattern(2, Block));
        }

        byte[] expected = test.Read("a");
        Break(test, Own(test, "a@s", 0).Extent, SimulatedIoKind.Read);
        Break(test, Own(test, "a", 0).Extent, SimulatedIoKind.Read);
        test.Pool.Delete("a@s");
        test.Pool.Delete("b@s");
        Action reclaim = test.Pool.ReclaimNow;
        reclaim.Should().Throw<StorageException>();
        test.Pool.Status().AllocatedBytes.Should().Be(3 * Chunk, "the other is merged");
        test.MustBeClean();
        test.Disk.ClearFaults();
        test.Pool.ReclaimNow();
        test.Read("a").Should().Equal(expected);
        test.Read("b").Should().Equal(expected);
        test.Pool.Status().AllocatedBytes.Should().Be(2 * Chunk);
        test.MustBeClean();
    }

    [Fact]
    public void A_flatten_gets_around_extents_that_it_cannot_write_and_names_what_it_cannot_read()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        byte[] content = TestPool.Pattern(1, 8 * Chunk);
        volume.Write(0, content);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        test.Pool.Clone("vm1@s", "c");
        SimulatedFault unreadable = Break(test, Own(test, "vm1@s", 5).Extent, SimulatedIoKind.Read, 2 * Block, 512);
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { SticksToPlace = true });
        JobInfo job = Flatten();
        job.Should().Match<JobInfo>(info => info.State == JobState.Failed && info.Error!.Contains($"c offset {5 * Chunk}"));
        test.Pool.Status().RetiredExtents.Should().Be(1);
        unreadable.Hits.Should().BePositive();
        test.MustBeClean();
        test.Disk.ClearFaults();
        Flatten().State.Should().Be(JobState.Completed);
        test.Read("c").Should().Equal(content);
        test.MustBeClean();

        JobInfo Flatten() => test.Pool.Jobs.WaitForEnd(test.Pool.Flatten("c", new JobSettings()).Id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Writers_of_one_chunk_all_get_around_it(int seed)
    {
        using TestPool test = TestPool.Create(256);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        Random random = new(seed);
        byte[] content = TestPool.Pattern(seed, 8 * Chunk);
        volume.Write(0, content);
        for (int round = 0; round < 6; round++)
        {
            if (round % 2 == 1)
            {
                test.Pool.CreateSnapshot("vm1", $"vm1@s{round}");
            }

            for (int chunk = 0; chunk < 8; chunk++)
            {
                if (Own(test, "vm1", chunk) is { HasExtent: true } own && random.Next(2) == 0)
                {
                    Break(test, own.Extent, SimulatedIoKind.Write, random.Next(16) * Block, (1 + random.Next(16)) * Block);
                }
            }

            test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { SticksToPlace = true, Skip = random.Next(8) });
            BackgroundCall[] writers =
            [
                .. Enumerable.Range(0, 4).Select(writer => BackgroundCall.Start($"writer {writer}", () =>
                {
                    // Blocks of their own, in all chunks, and now and then over the edge of one.
                    for (int i = writer; i < 32; i += 4)
                    {
                        int offset = i * 4 * Block;
                        byte[] data = TestPool.Pattern((seed * 1000) + (round * 100) + i, (3 * Block) + 700);
                        volume.Write(offset, data);
                        data.CopyTo(content, offset);
                    }
                })),
            ];
            foreach (BackgroundCall writer in writers)
            {
                writer.Join().Should().BeNull($"seed {seed}, round {round}");
            }

            test.Read("vm1").Should().Equal(content, $"seed {seed}, round {round}");
            test.MustBeClean();
        }

        test.Pool.Status().RetiredExtents.Should().BePositive();
        volume.Dispose();
        test.KillAndReopen();
        test.Read("vm1").Should().Equal(content);
        test.MustBeClean();
    }
}
