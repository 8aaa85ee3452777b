using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>What is free in the pool is given back to the host.</summary>
public sealed class PassdownTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Extents = 64;

    [Theory]
    [InlineData(DiscardPolicy.Keep)]
    [InlineData(DiscardPolicy.Passdown)]
    public void A_deleted_volume_gives_the_host_its_space_where_that_is_the_policy(DiscardPolicy policy)
    {
        using TestPool test = NewPool(policy);
        long before = test.Disk.AllocatedBytes;
        using (VolumeHandle volume = test.Volume("vm1", Extents * Chunk))
        {
            volume.Write(0, TestPool.Pattern(1, 40 * Chunk));
        }

        test.Pool.PassDownNow();
        test.Disk.AllocatedBytes.Should().BeGreaterThanOrEqualTo(before + (40 * Chunk));
        long full = test.Disk.AllocatedBytes;
        test.Pool.Delete("vm1");
        test.Pool.ReclaimNow();
        test.Pool.PassDownNow();

        (full - test.Disk.AllocatedBytes).Should().BeInRange(policy == DiscardPolicy.Keep ? -Chunk : 39 * Chunk, policy == DiscardPolicy.Keep ? Chunk : 40 * Chunk);
        test.Pool.Status().FreeBytes.Should().Be(Extents * Chunk);
        test.MustBeClean();
    }

    [Fact]
    public void Neighbours_go_in_one_call_and_what_is_used_again_is_left_alone()
    {
        using TestPool test = NewPool(DiscardPolicy.Passdown);
        using VolumeHandle volume = test.Volume("vm1", Extents * Chunk);
        test.Pool.PassDownNow();
        volume.Write(0, TestPool.Pattern(1, 20 * Chunk));
        volume.Punch(4 * Chunk, 8 * Chunk);
        test.Pool.Commit();
        int before = Punches(test);

        test.Pool.PassDownNow();
        test.Pool.PassDownNow();

        (Punches(test) - before).Should().Be(1);
        byte[] seen = test.Read("vm1");
        seen.AsSpan(0, 4 * Chunk).SequenceEqual(TestPool.Pattern(1, 20 * Chunk).AsSpan(0, 4 * Chunk)).Should().BeTrue();
        seen.AsSpan(12 * Chunk, 8 * Chunk).SequenceEqual(TestPool.Pattern(1, 20 * Chunk).AsSpan(12 * Chunk)).Should().BeTrue();
        test.MustBeClean();
    }

    [Fact]
    public void An_extent_that_is_being_punched_is_not_allocated()
    {
        using TestPool test = NewPool(DiscardPolicy.Passdown);
        using VolumeHandle volume = test.Volume("vm1", Extents * Chunk);
        volume.Write(0, TestPool.Pattern(1, 40 * Chunk));
        volume.Punch(0, 40 * Chunk);
        test.Pool.Commit();
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Punch);
        BackgroundCall pass = BackgroundCall.Start("pass down", test.Pool.PassDownNow);
        hold.WaitUntilReached();
        test.Pool.Status().FreeBytes.Should().Be(Extents * Chunk, "it is free all the same");

        byte[] data = TestPool.Pattern(2, 24 * Chunk);
        volume.Write(0, data);
        hold.Release();
        pass.Finish();

        test.Read("vm1").AsSpan(0, data.Length).SequenceEqual(data).Should().BeTrue();
        test.MustBeClean();
    }

    [Fact]
    public void What_is_being_punched_is_not_missed_at_the_low_water_mark()
    {
        using TestPool test = NewPool(DiscardPolicy.Passdown);
        test.Pool.Configure(settings => settings with { LowWater = SpaceAmount.OfPercent(50) });
        using VolumeHandle volume = test.Volume("vm1", Extents * Chunk);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Punch);
        BackgroundCall pass = BackgroundCall.Start("pass down", test.Pool.PassDownNow);
        hold.WaitUntilReached();

        volume.Write(0, TestPool.Pattern(1, 8 * Chunk));
        test.Pool.Commit();
        hold.Release();
        pass.Finish();
        test.Pool.Commit();

        test.Events.Should().NotContain(PoolEventKinds.LowWater);
    }

    [Fact]
    public void A_write_that_needs_what_is_being_punched_waits_for_it_and_is_not_refused()
    {
        using TestPool test = NewPool(DiscardPolicy.Passdown);
        using VolumeHandle volume = test.Volume("vm1", 2 * Extents * Chunk);
        volume.Write(0, TestPool.Pattern(1, Extents * Chunk));
        volume.Punch(0, 4 * Chunk);
        test.Pool.Commit();
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Punch);
        BackgroundCall pass = BackgroundCall.Start("pass down", test.Pool.PassDownNow);
        hold.WaitUntilReached();

        BackgroundCall write = BackgroundCall.Start("write", () => volume.Write(Extents * Chunk, TestPool.Pattern(2, 4 * Chunk)));
        write.WaitUntilWaiting();
        hold.Release();
        pass.Finish();
        write.Finish();

        test.Events.Should().NotContain("out_of_space");
        test.Pool.Status().FreeBytes.Should().Be(0);
        test.MustBeClean();
    }

    [Fact]
    public void What_was_free_before_goes_too_when_the_policy_changes_and_when_the_pool_is_opened()
    {
        using TestPool test = NewPool(DiscardPolicy.Keep, isSparse: false);
        long full = test.Disk.AllocatedBytes;
        test.Pool.Configure(settings => settings with { Discard = DiscardPolicy.Passdown });
        test.Pool.PassDownNow();
        test.Disk.AllocatedBytes.Should().BeLessThan(full - ((Extents - 2) * Chunk));
        using (VolumeHandle volume = test.Volume("vm1", Extents * Chunk))
        {
            volume.Write(0, TestPool.Pattern(1, 30 * Chunk));
            volume.Punch(0, 20 * Chunk);
        }

        test.CloseAndReopen();
        long opened = test.Disk.AllocatedBytes;
        test.Pool.PassDownNow();

        (opened - test.Disk.AllocatedBytes).Should().BeGreaterThanOrEqualTo(19 * Chunk);
        test.Read("vm1").AsSpan(20 * Chunk, 10 * Chunk).SequenceEqual(TestPool.Pattern(1, 30 * Chunk).AsSpan(20 * Chunk)).Should().BeTrue();
        test.MustBeClean();
    }

    [Fact]
    public void It_happens_in_the_background()
    {
        using TestPool test = TestPool.Create(Extents, sparseNodes: true, options: EngineOptions.Quiet with { BackgroundReclaim = true });
        test.Pool.Configure(settings => settings with { Discard = DiscardPolicy.Passdown });
        using (VolumeHandle volume = test.Volume("vm1", Extents * Chunk))
        {
            volume.Write(0, TestPool.Pattern(1, 40 * Chunk));
        }

        test.Pool.PassDownNow();
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Punch);
        test.Pool.Delete("vm1");

        hold.WaitUntilReached();
    }

    /// <summary>Guards: the last checkpoint frees extents when nobody is there any more to punch them.</summary>
    [Fact]
    public void A_pool_closes_in_order_with_extents_that_are_just_being_freed()
    {
        using TestPool test = TestPool.Create(
            Extents, sparseNodes: true, options: EngineOptions.Quiet with { BackgroundReclaim = true, CommitIntervalMs = int.MaxValue });
        test.Pool.Configure(settings => settings with { Discard = DiscardPolicy.Passdown, LowWater = SpaceAmount.OfPercent(99) });
        using (VolumeHandle volume = test.Volume("vm1", Extents * Chunk))
        {
            volume.Write(0, TestPool.Pattern(1, 40 * Chunk));
            volume.Punch(0, 20 * Chunk);
        }

        test.Pool.Dispose();

        test.Disk.List(".").Should().Contain(name => name.StartsWith("owned-", StringComparison.Ordinal), "it was closed in order");
    }

    [Fact]
    public void A_host_that_cannot_is_told_of_and_loses_nothing()
    {
        using TestPool test = NewPool(DiscardPolicy.Passdown);
        using VolumeHandle volume = test.Volume("vm1", Extents * Chunk);
        volume.Write(0, TestPool.Pattern(1, 10 * Chunk));
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Punch, Errno.EIO));
        Action pass = test.Pool.PassDownNow;
        pass.Should().Throw<StorageException>();
        test.Pool.Status().FreeBytes.Should().Be((Extents - 10) * Chunk);
        test.Read("vm1").AsSpan(0, 10 * Chunk).SequenceEqual(TestPool.Pattern(1, 10 * Chunk)).Should().BeTrue();
        test.MustBeClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_written_and_freed_meanwhile_reads_right_also_after_a_power_cut(int seed)
    {
        Random random = new(seed);
        using TestPool test = NewPool(DiscardPolicy.Passdown);
        using VolumeHandle volume = test.Volume("vm1", Extents * Chunk);
        byte[] content = new byte[Extents * Chunk];
        for (int step = 0; step < 60; step++)
        {
            int first = random.Next(Extents - 8);
            int count = random.Next(1, 8);
            if (random.Next(2) == 0)
            {
                volume.Punch(first * Chunk, count * Chunk);
                content.AsSpan(first * Chunk, count * Chunk).Clear();
            }
            else
            {
                byte[] data = TestPool.Pattern((seed * 1000) + step, count * Chunk);
                volume.Write(first * Chunk, data);
                data.CopyTo(content, first * Chunk);
            }

            if (random.Next(3) == 0)
            {
                test.Pool.Commit();
                test.Pool.PassDownNow();
            }
        }

        test.Read("vm1").AsSpan().SequenceEqual(content).Should().BeTrue($"seed {seed}");
        test.MustBeClean();
        volume.Flush();
        test.Pool.PassDownNow();
        using TestPool after = TestPool.Open(test.Disk.AfterPowerCut(test.Disk.IoCount, seed));
        after.Read("vm1").AsSpan().SequenceEqual(content).Should().BeTrue($"seed {seed}");
        after.MustBeClean();
    }

    private static TestPool NewPool(DiscardPolicy policy, bool isSparse = true)
    {
        TestPool test = TestPool.Create(Extents, sparseNodes: isSparse);
        test.Pool.Configure(settings => settings with { Discard = policy });
        return test;
    }

    private static int Punches(TestPool test) => test.Disk.Log.Count(io => io.Kind == SimulatedIoKind.Punch && io.Path.Contains("/nodes/", StringComparison.Ordinal));
}
