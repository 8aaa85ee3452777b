using System.Globalization;

namespace ThinFuse.Cli.Snapshot.Pruning;

/// <summary>Decides which snapshots a policy keeps: a function of their order and times alone. All calendars are UTC.</summary>
internal static class PrunePlan
{
    /// <summary>The decisions, newest first.</summary>
    /// <remarks>
    /// Which is newer the ids say, and the times only which hour or day each stands for: after a clock that ran ahead was set back, what is taken from then on is
    /// newest all the same. A rule of N hours counts hours that have a snapshot, the newest first, so that a machine that was off keeps as many as one that was not. One snapshot
    /// can be kept by several rules. Held ones count like others, and are kept in any case.
    /// </remarks>
    public static IReadOnlyList<PruneDecision> Make(IEnumerable<PruneCandidate> candidates, KeepPolicy policy)
    {
        PruneCandidate[] newestFirst =
        [
            .. candidates.OrderByDescending(snapshot => snapshot.Id).ThenByDescending(snapshot => snapshot.CreatedAt)
                .ThenByDescending(snapshot => snapshot.Name, StringComparer.Ordinal),
        ];
        Rule[] rules =
        [
            new("last", policy.Last, null),
            new("hourly", policy.Hourly, time => time.ToString("yyyy-MM-dd HH", CultureInfo.InvariantCulture)),
            new("daily", policy.Daily, time => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            new("weekly", policy.Weekly, time => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(time)}-{ISOWeek.GetWeekOfYear(time)}")),
            new("monthly", policy.Monthly, time => time.ToString("yyyy-MM", CultureInfo.InvariantCulture)),
        ];
        return [.. newestFirst.Select(snapshot => new PruneDecision(snapshot.Name, snapshot.CreatedAt, ReasonsFor(snapshot, rules)))];
    }

    private static List<string> ReasonsFor(PruneCandidate snapshot, Rule[] rules)
    {
        List<string> reasons = [];
        if (snapshot.IsWritable)
        {
            reasons.Add("writable");
        }
        else
        {
            reasons.AddRange(rules.Where(rule => rule.Keeps(snapshot.CreatedAt.UtcDateTime)).Select(rule => rule.Name));
        }

        reasons.AddRange(snapshot.Holds.Select(holder => $"held by {holder}"));
        return reasons;
    }

    /// <summary>One rule while it walks from the newest to the oldest.</summary>
    /// <param name="Name">The reason that it gives.</param>
    /// <param name="Count">How many it keeps.</param>
    /// <param name="PeriodOf">The period that a time falls into; null where each snapshot is one of its own.</param>
    private sealed record Rule(string Name, int Count, Func<DateTime, string>? PeriodOf)
    {
        private readonly HashSet<string> _periods = [];
        private int _kept;

        public bool Keeps(DateTime time)
        {
            if (_kept == Count || (PeriodOf is not null && !_periods.Add(PeriodOf(time))))
            {
                return false;
            }

            _kept++;
            return true;
        }
    }
}
