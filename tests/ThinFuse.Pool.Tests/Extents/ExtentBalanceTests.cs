using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Space.Reservations;

namespace ThinFuse.Pool.Tests.Extents;

public sealed class ExtentBalanceTests
{
    private readonly ExtentBalance _balance = new();
    private int _alarms;

    public ExtentBalanceTests()
    {
        _balance.AlarmRaised = () => _alarms++;
        _balance.Add(10);
    }

    [Fact]
    public void A_draw_takes_from_what_is_kept_and_a_loss_is_kept_again_before_anything_is_free()
    {
        Reservation promised = new();
        _balance.Keep(4);
        _balance.Settle([new ReservationCounts(promised, 4, 0)], 4);
        Counts.Should().Be((10, 4, 6));
        _balance.Draw(promised);
        _balance.Add(-1);
        Counts.Should().Be((9, 3, 6));
        _balance.Add(-6);
        Counts.Should().Be((3, 3, 0));

        // The chunk lost its extent, which only waits to be free.
        _balance.Need(promised, 1);
        Counts.Should().Be((3, 4, 0));
        _balance.Add(1);
        Counts.Should().Be((4, 4, 0));
        FluentActions.Invoking(() => _balance.Draw(new Reservation())).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void An_emergency_amount_that_was_drawn_on_is_filled_before_others_get_anything()
    {
        Reservation emergency = new();
        _balance.Keep(3);
        _balance.Settle([new ReservationCounts(emergency, 0, 3)], 3);
        _balance.Add(-7);
        Counts.Should().Be((3, 3, 0));
        for (int i = 0; i < 2; i++)
        {
            _balance.DrawEmergency(emergency);
            _balance.Add(-1);
        }

        emergency.Should().Match<Reservation>(kept => kept.EmergencyCount == 1 && kept.IsDrawnOn);
        (emergency.TakeFirstDraw(), emergency.TakeFirstDraw()).Should().Be((true, false));
        _balance.Add(1);
        Counts.Should().Be((2, 2, 0));
        _balance.Add(2);
        Counts.Should().Be((4, 3, 1));
        emergency.Should().Match<Reservation>(kept => kept.EmergencyCount == 3 && !kept.IsDrawnOn);
    }

    [Fact]
    public void The_alarm_goes_off_once_and_not_for_what_is_given_back_to_the_host()
    {
        _balance.SetAlarm(5);
        _balance.BeginPunch(8);
        (_balance.FreeCount, _balance.PunchedCount, _alarms).Should().Be((2, 8, 0));
        _balance.EndPunch(8, 7);
        (_balance.FreeCount, _balance.PunchedCount, _alarms).Should().Be((9, 0, 0));
        _balance.Add(-4);
        _balance.Add(-1);
        _alarms.Should().Be(1);
        _balance.SetAlarm(4);
        _alarms.Should().Be(2, "it is so low already");
    }

    private (long Unallocated, long Promised, long Free) Counts => (_balance.UnallocatedCount, _balance.PromisedCount, _balance.FreeCount);
}
