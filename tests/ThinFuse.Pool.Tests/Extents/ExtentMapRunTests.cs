using ThinFuse.Pool.Extents;

namespace ThinFuse.Pool.Tests.Extents;

public sealed class ExtentMapRunTests
{
    private const int Slots = 200;

    /// <summary>A run is what taking its slots one by one up to the first that fails would be.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_ends_before_what_is_taken_or_does_not_exist(bool remembersFreed)
    {
        foreach (int taken in (int[])[-1, 0, 1, 62, 63, 64, 65, 127, 128, 150, 199])
        {
            for (int first = 0; first < Slots; first++)
            {
                foreach (int count in (int[])[1, 2, 31, 32, 63, 64, 65, 130, Slots])
                {
                    ExtentMap map = New(remembersFreed, taken);
                    ExtentMap model = New(remembersFreed, taken);
                    int expected = 0;
                    while (expected < count && model.TryTake(first + expected))
                    {
                        expected++;
                    }

                    map.TakeRun(first, count).Should().Be(expected, "{0} slots from {1} are wanted, and {2} is taken", count, first, taken);
                    map.FreeCount.Should().Be(model.FreeCount);
                    map.Copy().Should().Equal(model.Copy());
                    map.TakeFreed(Slots).Should().Be(model.TakeFreed(Slots));
                }
            }
        }
    }

    private static ExtentMap New(bool remembersFreed, int taken)
    {
        ExtentMap map = new(Slots);
        map.RememberFreed(remembersFreed, onlyFromNow: false);
        map.TryTake(taken);
        return map;
    }
}
