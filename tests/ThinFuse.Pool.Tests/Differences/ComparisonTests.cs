using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Differences;

public sealed class ComparisonTests(ITestOutputHelper output)
{
    private const int Block = TestPool.BlockBytes;
    private const int Chunk = TestPool.ChunkBytes;
    private const long Group = 32L * Chunk;

    [Theory]
    [InlineData(1, 64 << 10, true)]
    [InlineData(2, 4 << 10, true)]
    [InlineData(3, 16 << 10, true)]
    [InlineData(4, 256 << 10, false)]
    [InlineData(5, 64 << 10, true)]
    [InlineData(6, 64 << 10, false)]
    public void The_ranges_between_any_two_files_of_a_random_tree_are_those_of_the_model(int seed, int chunkBytes, bool isExact)
    {
        output.WriteLine($"seed {seed}, chunk {chunkBytes}, exact {isExact}");
        using TestPool test = TestPool.Create((512 << 20) / chunkBytes, chunkBytes, sparseNodes: true);
        DifferenceModelRun run = new(test, seed, isExact);
        for (int step = 0; step < 600; step++)
        {
            run.Step();
            run.CompareAny($"seed {seed}, step {step}");
        }

        run.RelatedPairs.Should().BeGreaterThan(100, "files that come from one another were compared");
        run.ChangedBlocks.Should().BeGreaterThan(5000);
        test.MustBeClean();
    }

    [Fact]
    public void Blocks_changed_since_a_snapshot_are_read_from_the_volume_itself_and_in_both_directions()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle vm1 = test.Volume("vm1", 100 * Group);
        vm1.Write(0, TestPool.Pattern(1, 2 * Chunk));
        test.Pool.CreateSnapshot("vm1", "vm1@mon");
        vm1.Write(Block, TestPool.Pattern(2, Block));
        vm1.Write((3 * Group) + 100, TestPool.Pattern(3, 8));
        vm1.Punch(Chunk, 4 * Block);

        Compare(test, "vm1@mon", "vm1").Should().Equal(
            new ChangedRange(Block, Block, RangeKind.Data),
            new ChangedRange(Chunk, 4 * Block, RangeKind.Zero),
            new ChangedRange(3 * Group, Block, RangeKind.Data));
        Compare(test, "vm1", "vm1@mon").Should().Equal(
            new ChangedRange(Block, Block, RangeKind.Data),
            new ChangedRange(Chunk, 4 * Block, RangeKind.Data),
            new ChangedRange(3 * Group, Block, RangeKind.Zero));
        Compare(test, "vm1", "vm1").Should().BeEmpty();
        Compare(test, null, "vm1@mon").Should().Equal(new ChangedRange(0, 2 * Chunk, RangeKind.Data));
    }

    [Fact]
    public void What_a_shrink_cut_off_and_what_growing_again_shows_as_zero_is_changed()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle vm1 = test.Volume("vm1", 3 * Group);
        vm1.Write(Chunk, TestPool.Pattern(1, Chunk));
        vm1.Write(2 * Group, TestPool.Pattern(2, Chunk));
        test.Pool.CreateSnapshot("vm1", "vm1@full");
        vm1.Resize(Chunk + Block);
        Compare(test, "vm1@full", "vm1").Should().BeEmpty("behind the end nothing is told");
        Compare(test, "vm1", "vm1@full").Should().Equal(
            new ChangedRange(Chunk + Block, Chunk - Block, RangeKind.Data), new ChangedRange(2 * Group, Chunk, RangeKind.Data));

        vm1.Resize(4 * Group);

        Compare(test, "vm1@full", "vm1").Should().Equal(
            new ChangedRange(Chunk + Block, Chunk - Block, RangeKind.Zero), new ChangedRange(2 * Group, Chunk, RangeKind.Zero));
    }

    [Fact]
    public void It_costs_what_was_changed_whatever_the_size_and_the_depth()
    {
        using TestPool test = TestPool.Create(4000, sparseNodes: true);
        using VolumeHandle vm1 = test.Volume("vm1", 1L << 50);
        for (int group = 0; group < 1000; group++)
        {
            vm1.Write(group * Group, TestPool.Pattern(group, Block));
        }

        for (int i = 0; i < 100; i++)
        {
            test.Pool.CreateSnapshot("vm1", $"vm1@{i}");
            vm1.Write(((i * 7) % 1000) * Group, TestPool.Pattern(i, Block));
        }

        MustCost(test, "vm1@50", "vm1@51", groups: 1, ranges: 1);
        MustCost(test, "vm1@51", "vm1@50", groups: 1, ranges: 1);
        MustCost(test, "vm1@0", "vm1", groups: 100, ranges: 100);
        MustCost(test, "vm1", "vm1", groups: 0, ranges: 0);
    }

    [Fact]
    public void Files_that_have_nothing_in_common_are_compared_only_when_that_is_asked_for()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle a = test.Volume("a", Group);
        using VolumeHandle b = test.Volume("b", Group);
        a.Write(0, TestPool.Pattern(1, Block));
        b.Write(Chunk, TestPool.Pattern(2, Block));

        FluentActions.Invoking(() => test.Pool.Compare(a, b)).Should().Throw<PoolException>()
            .Where(e => e.Kind == PoolErrorKind.Usage).WithMessage("a and b have nothing in common*");
        test.Pool.Compare(a, b, evenUnrelated: true).Should().Equal(
            new ChangedRange(0, Block, RangeKind.Zero), new ChangedRange(Chunk, Block, RangeKind.Data));
    }

    [Fact]
    public void Snapshots_deleted_meanwhile_are_compared_to_the_end()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle vm1 = test.Volume("vm1", 3 * Group);
        test.Pool.CreateSnapshot("vm1", "vm1@a");
        vm1.Write(0, TestPool.Pattern(1, Block));
        vm1.Write(Group, TestPool.Pattern(2, Block));
        test.Pool.CreateSnapshot("vm1", "vm1@b");
        vm1.Write(0, TestPool.Pattern(3, 2 * Block));
        using VolumeHandle a = test.Handle("vm1@a");
        using VolumeHandle b = test.Handle("vm1@b");

        using IEnumerator<ChangedRange> ranges = test.Pool.Compare(a, b).GetEnumerator();
        ranges.MoveNext().Should().BeTrue();
        ranges.Current.Should().Be(new ChangedRange(0, Block, RangeKind.Data));
        test.Pool.Delete("vm1@a");
        test.Pool.Delete("vm1@b");
        test.Pool.ReclaimNow();

        ranges.MoveNext().Should().BeTrue();
        ranges.Current.Should().Be(new ChangedRange(Group, Block, RangeKind.Data));
        ranges.MoveNext().Should().BeFalse();
    }

    [Fact]
    public void What_a_snapshot_froze_meanwhile_and_a_merge_moved_up_is_still_told()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle vm1 = test.Volume("vm1", 3 * Group);
        test.Pool.CreateSnapshot("vm1", "vm1@a");
        vm1.Write(0, TestPool.Pattern(1, Block));
        vm1.Write(Group, TestPool.Pattern(2, Block));
        vm1.Write(2 * Group, TestPool.Pattern(3, Block));
        using VolumeHandle a = test.Handle("vm1@a");

        using IEnumerator<ChangedRange> ranges = test.Pool.Compare(a, vm1).GetEnumerator();
        ranges.MoveNext().Should().BeTrue();
        test.Pool.CreateSnapshot("vm1", "vm1@b");
        test.Pool.Delete("vm1@b");
        test.Pool.ReclaimNow();

        ranges.MoveNext().Should().BeTrue();
        ranges.Current.Should().Be(new ChangedRange(Group, Block, RangeKind.Data));
        ranges.MoveNext().Should().BeTrue();
        ranges.Current.Should().Be(new ChangedRange(2 * Group, Block, RangeKind.Data));
        ranges.MoveNext().Should().BeFalse();
    }

    [Fact]
    public void A_volume_that_is_rolled_back_meanwhile_is_not_compared_on()
    {
        using TestPool test = TestPool.Create(64);
        using VolumeHandle vm1 = test.Volume("vm1", 3 * Group);
        test.Pool.CreateSnapshot("vm1", "vm1@a");
        vm1.Write(0, TestPool.Pattern(1, Block));
        vm1.Write(Group, TestPool.Pattern(2, Block));
        using VolumeHandle a = test.Handle("vm1@a");
        using IEnumerator<ChangedRange> ranges = test.Pool.Compare(a, vm1).GetEnumerator();
        ranges.MoveNext().Should().BeTrue();

        test.Pool.RollBack("vm1@a", new RollbackOptions { Force = true });

        FluentActions.Invoking(() => ranges.MoveNext()).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.Busy);
    }

    [Fact]
    public void Merges_and_snapshots_beside_it_change_nothing_in_what_it_tells()
    {
        const int Seed = 7;
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        using TestPool test = TestPool.Create(3000, sparseNodes: true);
        using VolumeHandle vm1 = test.Volume("vm1", 8 * Group);
        void Churn(string prefix, int count)
        {
            for (int i = 0; i < count; i++)
            {
                for (int write = 0; write < 6; write++)
                {
                    vm1.Write(random.Next(8 * 32 * 16) * (long)Block, TestPool.Pattern(random.Next(), Block));
                }

                test.Pool.CreateSnapshot("vm1", $"vm1@{prefix}{i}");
            }
        }

        Churn("below", 40);
        test.Pool.CreateSnapshot("vm1", "vm1@from");
        Churn("between", 40);
        test.Pool.CreateSnapshot("vm1", "vm1@to");
        Churn("above", 10);
        ChangedRange[] expected = [.. Compare(test, "vm1@from", "vm1@to")];
        expected.Length.Should().BeGreaterThan(100);
        string[] churned = [.. test.Pool.Volumes(false).Select(info => info.Name).Where(name => name.Contains("@be", StringComparison.Ordinal))];

        int merged = 0;
        BackgroundCall merging = BackgroundCall.Start("merge", () =>
        {
            foreach (string name in churned)
            {
                test.Pool.Delete(name);
                test.Pool.ReclaimNow();
                vm1.Write(0, TestPool.Pattern(merged, Block));
                test.Pool.CreateSnapshot("vm1", $"vm1@new{Interlocked.Increment(ref merged)}");
            }
        });
        int compared = 0;
        while (!merging.HasEnded)
        {
            Compare(test, "vm1@from", "vm1@to").Should().Equal(expected, $"after {compared} comparisons and {merged} merges, seed {Seed}");
            compared++;
        }

        merging.Finish();
        Compare(test, "vm1@from", "vm1@to").Should().Equal(expected);
        merged.Should().Be(churned.Length);
        compared.Should().BePositive();
        test.MustBeClean();
    }

    private static List<ChangedRange> Compare(TestPool test, string? from, string to)
    {
        using VolumeHandle? before = from is null ? null : test.Handle(from);
        using VolumeHandle after = test.Handle(to);
        return [.. test.Pool.Compare(before, after)];
    }

    private static void MustCost(TestPool test, string from, string to, int groups, int ranges)
    {
        using VolumeHandle before = test.Handle(from);
        using VolumeHandle after = test.Handle(to);
        Comparison comparison = new(test.Pool.Core, before.Volume, after.Volume);

        comparison.Run(default).Should().HaveCount(ranges);

        // On each side a group is looked up in the layer that has it now and in the one that has what it did not change.
        comparison.GroupCount.Should().Be(groups);
        comparison.LookupCount.Should().BeLessThanOrEqualTo(groups * 4);
    }
}
