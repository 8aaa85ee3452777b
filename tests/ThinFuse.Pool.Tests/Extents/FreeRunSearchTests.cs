using ThinFuse.Pool.Extents;

namespace ThinFuse.Pool.Tests.Extents;

public sealed class FreeRunSearchTests
{
    private const int RunSlots = 16;
    private const int Slots = 20 * RunSlots;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_free_run_is_found_whenever_there_is_one_and_only_then(int seed)
    {
        Random random = new(seed);
        ExtentMap map = new(Slots);
        bool[] taken = new bool[Slots];
        int without = 0;
        for (int step = 0; step < 5000; step++)
        {
            // Now more, now less is taken, so that runs are gone and come back.
            int first = random.Next(Slots);
            bool takes = random.Next(10) < (step / 250 % 2 == 0 ? 8 : 2);
            for (int slot = first; slot < Math.Min(Slots, first + random.Next(1, 40)); slot++)
            {
                if (takes)
                {
                    map.TryTake(slot).Should().Be(!taken[slot]);
                }
                else if (taken[slot])
                {
                    map.Free(slot);
                }

                taken[slot] = takes;
            }

            bool[] isRun = [.. taken.Chunk(RunSlots).Select(run => !run.Contains(true))];
            long found = map.Find(random.Next(Slots), wantRun: true);
            (found >= 0).Should().Be(isRun.Contains(true), $"seed {seed}, step {step}");
            if (found >= 0)
            {
                (found % RunSlots).Should().Be(0);
                isRun[found / RunSlots].Should().BeTrue($"seed {seed}, step {step}: run at {found}");
            }
            else
            {
                without++;
            }
        }

        without.Should().BeInRange(100, 4900, $"seed {seed}");
    }

    [Fact]
    public void Growth_brings_new_runs()
    {
        ExtentMap map = new(RunSlots);
        map.TryTake(3).Should().BeTrue();
        map.Find(0, wantRun: true).Should().Be(-1);
        map.Grow(64 + (2 * RunSlots));
        map.Find(0, wantRun: true).Should().Be(RunSlots);
    }
}
