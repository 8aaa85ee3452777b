using ThinFuse.Cli.Supervision;

namespace ThinFuse.Cli.Tests.Supervision;

public sealed class CrashLoopTests
{
    private readonly CrashLoop _loop = new();

    [Fact]
    public void Three_crashes_within_a_minute_are_one_too_many()
    {
        Crash(0).Should().BeFalse();
        Crash(30_000).Should().BeFalse();
        Crash(60_000).Should().BeTrue();
    }

    [Fact]
    public void Three_crashes_in_more_than_a_minute_are_not()
    {
        for (long atMs = 0; atMs < 1_000_000; atMs += 30_001)
        {
            Crash(atMs).Should().BeFalse();
        }
    }

    [Fact]
    public void A_server_that_served_may_be_killed_as_often_as_somebody_likes()
    {
        for (int i = 0; i < 100; i++)
        {
            _loop.Ends(new ServerDeath(i, WasKilled: true, HadServed: true)).Should().BeFalse();
        }

        Crash(200).Should().BeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Three_in_a_row_that_never_served_are_one_too_many_however_they_died_and_whenever(bool wasKilled)
    {
        _loop.Ends(new ServerDeath(0, wasKilled, HadServed: false)).Should().BeFalse();
        _loop.Ends(new ServerDeath(100_000, wasKilled, HadServed: false)).Should().BeFalse();
        _loop.Ends(new ServerDeath(200_000, wasKilled, HadServed: false)).Should().BeTrue();
    }

    [Fact]
    public void One_that_serves_ends_the_row()
    {
        for (int i = 0; i < 10; i++)
        {
            _loop.Ends(new ServerDeath(i, WasKilled: true, HadServed: false)).Should().BeFalse();
            _loop.Ends(new ServerDeath(i, WasKilled: true, HadServed: false)).Should().BeFalse();
            _loop.Ends(new ServerDeath(i, WasKilled: true, HadServed: true)).Should().BeFalse();
        }
    }

    private bool Crash(long atMs) => _loop.Ends(new ServerDeath(atMs, WasKilled: false, HadServed: true));
}
