using ThinFuse.Pool.Extents;

namespace ThinFuse.Pool.Tests.Extents;

public sealed class FreedRunTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_map_hands_out_every_slot_that_became_free_once_in_runs(int seed)
    {
        const int slots = 200;
        Random random = new(seed);
        ExtentMap map = new(slots);
        map.RememberFreed(true, onlyFromNow: true);
        HashSet<long> freed = [];
        bool[] taken = new bool[slots];
        for (int step = 0; step < 5000; step++)
        {
            long slot = random.Next(slots);
            switch (random.Next(20))
            {
                case 0:
                    (long first, long count) = map.TakeFreed(random.Next(1, 100));
                    for (long at = first; at < first + count; at++)
                    {
                        freed.Remove(at).Should().BeTrue($"seed {seed}, step {step}: {at} was free and is handed out once");
                        map.IsTaken(at).Should().BeTrue();
                        map.Free(at, isFreed: false);
                    }

                    (count > 0 || freed.Count == 0).Should().BeTrue($"seed {seed}, step {step}");
                    break;
                case < 10 when taken[slot]:
                    map.Free(slot);
                    taken[slot] = false;
                    freed.Add(slot);
                    break;
                case < 10:
                    break;
                default:
                    map.TryTake(slot).Should().Be(!taken[slot]);
                    taken[slot] = true;
                    freed.Remove(slot);
                    break;
            }
        }

        while (map.TakeFreed(7) is { Count: > 0 } run)
        {
            for (long at = run.Slot; at < run.Slot + run.Count; at++)
            {
                freed.Remove(at).Should().BeTrue();
            }
        }

        freed.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 70)]
    public void What_is_free_when_remembering_begins_counts_or_not(bool all, long expected)
    {
        ExtentMap map = new(100);
        for (int i = 0; i < 30; i++)
        {
            map.TryTake(i);
        }

        map.RememberFreed(true, onlyFromNow: !all);
        map.TakeFreed(1000).Count.Should().Be(expected);
        map.FreeCount.Should().Be(70 - expected);
    }
}
