using System.Globalization;
using ThinFuse.Cli.Snapshot.Pruning;

namespace ThinFuse.Cli.Tests.Snapshot;

public sealed class PrunePlanTests
{
    // Tue 24 Nov 2026 is in week 48, which begins on Monday 23.
    private static readonly string[] Times =
    [
        "2026-11-24 10:50", "2026-11-24 10:10", "2026-11-24 09:59", "2026-11-24 00:00", "2026-11-23 23:59", "2026-11-23 00:00", "2026-11-22 23:59",
        "2026-11-16 12:00", "2026-11-15 12:00", "2026-10-31 23:59", "2026-10-01 00:00", "2025-12-31 00:00", "2025-01-01 00:00",
    ];

    [Theory]
    [InlineData("last 1", "2026-11-24 10:50")]
    [InlineData("last 3", "2026-11-24 10:50|2026-11-24 10:10|2026-11-24 09:59")]
    [InlineData("last 99", "2026-11-24 10:50|2026-11-24 10:10|2026-11-24 09:59|2026-11-24 00:00|2026-11-23 23:59|2026-11-23 00:00|2026-11-22 23:59|2026-11-16 12:00|2026-11-15 12:00|2026-10-31 23:59|2026-10-01 00:00|2025-12-31 00:00|2025-01-01 00:00")]
    [InlineData("hourly 1", "2026-11-24 10:50")]
    [InlineData("hourly 4", "2026-11-24 10:50|2026-11-24 09:59|2026-11-24 00:00|2026-11-23 23:59")]
    [InlineData("daily 2", "2026-11-24 10:50|2026-11-23 23:59")]
    [InlineData("daily 5", "2026-11-24 10:50|2026-11-23 23:59|2026-11-22 23:59|2026-11-16 12:00|2026-11-15 12:00")]
    [InlineData("weekly 3", "2026-11-24 10:50|2026-11-22 23:59|2026-11-15 12:00")]
    [InlineData("monthly 3", "2026-11-24 10:50|2026-10-31 23:59|2025-12-31 00:00")]
    [InlineData("monthly 99", "2026-11-24 10:50|2026-10-31 23:59|2025-12-31 00:00|2025-01-01 00:00")]
    [InlineData("last 2 daily 2", "2026-11-24 10:50|2026-11-24 10:10|2026-11-23 23:59")]
    [InlineData("hourly 2 daily 1 weekly 2 monthly 2", "2026-11-24 10:50|2026-11-24 09:59|2026-11-22 23:59|2026-10-31 23:59")]
    public void A_policy_keeps_these(string policy, string expected)
    {
        PruneCandidate[] candidates = [.. Times.Select(time => new PruneCandidate(time, At(time), []))];

        IReadOnlyList<PruneDecision> plan = PrunePlan.Make(candidates.Reverse(), PolicyOf(policy));

        plan.Select(decision => decision.Name).Should().Equal(Times, "all are decided on, newest first");
        plan.Where(decision => decision.IsKept).Select(decision => decision.Name).Should().Equal(expected.Split('|'));
        PrunePlan.Make(candidates.Where(candidate => plan.Single(decision => decision.Name == candidate.Name).IsKept), PolicyOf(policy))
            .Should().OnlyContain(decision => decision.IsKept, "a second prune finds nothing more");
    }

    [Fact]
    public void Reasons_are_told_each()
    {
        PruneCandidate[] candidates = [.. Times.Take(2).Select(time => new PruneCandidate(time, At(time), []))];

        IReadOnlyList<PruneDecision> plan = PrunePlan.Make(candidates, new KeepPolicy(Last: 2, Daily: 7));

        plan[0].Reasons.Should().Equal("last", "daily");
        plan[1].Reasons.Should().Equal("last");
    }

    [Fact]
    public void What_is_held_or_written_to_is_kept()
    {
        PruneCandidate[] candidates =
        [
            new("newest", At("2026-11-24 12:00"), [], IsWritable: true),
            new("second", At("2026-11-24 11:00"), []),
            new("third", At("2026-11-24 10:00"), ["backup", "audit"]),
            new("oldest", At("2026-11-24 09:00"), []),
        ];

        IReadOnlyList<PruneDecision> plan = PrunePlan.Make(candidates, new KeepPolicy(Last: 1));

        plan.Select(decision => string.Join("; ", decision.Reasons)).Should().Equal("writable", "last", "held by backup; held by audit", "");
    }

    [Fact]
    public void Periods_are_those_of_utc_and_ties_go_to_the_later_name()
    {
        PruneCandidate[] candidates =
        [
            new("a", At("2026-11-24 10:00"), []),
            new("b", At("2026-11-24 10:00"), []),
            new("c", new DateTimeOffset(2026, 11, 25, 0, 30, 0, TimeSpan.FromHours(2)), []),
        ];

        PrunePlan.Make(candidates, new KeepPolicy(Daily: 9)).Where(decision => decision.IsKept).Select(decision => decision.Name).Should().Equal("c");
        PrunePlan.Make(candidates[..2], new KeepPolicy(Last: 1)).Where(decision => decision.IsKept).Select(decision => decision.Name).Should().Equal("b");
    }

    [Fact]
    public void Weeks_are_those_of_the_calendar_across_the_turn_of_a_year()
    {
        string[] times = ["2027-01-04 00:00", "2027-01-03 23:00", "2026-12-28 00:00", "2026-12-27 23:00"];

        PrunePlan.Make(times.Select(time => new PruneCandidate(time, At(time), [])), new KeepPolicy(Weekly: 9))
            .Where(decision => decision.IsKept).Select(decision => decision.Name).Should().Equal(times[0], times[1], times[3]);
    }

    [Theory]
    [InlineData("last 1", "6")]
    [InlineData("last 3", "6 5 4")]
    [InlineData("daily 1", "6")]
    [InlineData("daily 2", "6 3")]
    [InlineData("daily 9", "6 3 1")]
    [InlineData("hourly 9", "6 5 3 2 1")]
    public void A_clock_that_ran_ahead_or_was_set_back_makes_no_snapshot_older_than_those_before_it(string policy, string expected)
    {
        // In the order they were taken in: for two of them the clock was a year ahead, and later it was set back by two hours.
        string[] times = ["2026-11-23 10:00", "2027-11-24 09:00", "2027-11-24 10:00", "2026-11-24 09:00", "2026-11-24 07:30", "2026-11-24 09:30"];
        PruneCandidate[] candidates = [.. times.Select((time, i) => new PruneCandidate($"{i + 1}", At(time), [], Id: (ulong)i + 1))];

        PrunePlan.Make(candidates, PolicyOf(policy)).Where(decision => decision.IsKept).Select(decision => decision.Name).Should().Equal(expected.Split(' '));
    }

    [Fact]
    public void Nothing_is_decided_on_nothing() => PrunePlan.Make([], new KeepPolicy(Last: 1)).Should().BeEmpty();

    private static DateTimeOffset At(string time) =>
        DateTimeOffset.ParseExact(time, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static KeepPolicy PolicyOf(string text)
    {
        string[] words = text.Split(' ');
        int Of(string rule) => Array.IndexOf(words, rule) is >= 0 and int at ? int.Parse(words[at + 1], CultureInfo.InvariantCulture) : 0;
        return new KeepPolicy(Of("last"), Of("hourly"), Of("daily"), Of("weekly"), Of("monthly"));
    }
}
