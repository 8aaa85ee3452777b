using ThinFuse.Pool.Jobs;

namespace ThinFuse.Pool.Tests.Jobs;

public sealed class ThrottleTests
{
    [Theory]
    [InlineData(0, 1 << 30, 0)]
    [InlineData(1000, 1000, 1000)]
    [InlineData(1000, 1, 1)]
    [InlineData(1 << 20, 1 << 16, 62)]
    public void Bytes_wait_as_long_as_the_rate_says(long rate, long bytes, long expectedMs)
    {
        Throttle throttle = new();
        throttle.SetRate(rate);
        throttle.WaitMs(5000).Should().Be(0, "nothing went yet");

        throttle.Spend(bytes, 5000);

        throttle.WaitMs(5000).Should().Be(expectedMs);
        throttle.WaitMs(5000 + expectedMs).Should().Be(0);
    }

    [Fact]
    public void Small_pieces_add_up_and_idle_times_earn_nothing()
    {
        Throttle throttle = new();
        throttle.SetRate(3000);
        for (int i = 0; i < 3000; i++)
        {
            throttle.Spend(1, 0);
        }

        throttle.WaitMs(0).Should().BeInRange(998, 1000);
        throttle.Spend(3000, 60_000);
        throttle.WaitMs(60_000).Should().Be(1000);
        throttle.SetRate(6000);
        throttle.WaitMs(60_000).Should().Be(0, "a new rate counts from now on");
    }
}
