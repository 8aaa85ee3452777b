using FASTER.core;
using ThinFuse.Pool.Exceptions.Records;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>
/// Keeps the log from growing without bound: copies what lives at its begin to its end and moves the begin up. The space comes back when a
/// checkpoint without it is kept and the others are purged.
/// </summary>
/// <remarks>
/// The work at one checkpoint is in proportion to what was appended since the last one. As it outpaces the appending by a factor, the log
/// stays within about three times the size of what lives in it, and a few segments.
/// </remarks>
internal sealed class LogCompactor(FasterKV<GroupKey, GroupRecord> store, TableRoom room, GroupCount groups, ExceptionTableOptions options)
{
    private const int SlackSegments = 4;
    private const int PaceFactor = 4;

    /// <summary>Call while no checkpoint runs.</summary>
    /// <param name="appendedBytes">Growth of the log since the last checkpoint.</param>
    public void Run(long appendedBytes)
    {
        // Without room, the room is the limit.
        long budgetBytes = room.IsStarved ? long.MaxValue : Math.Max(PaceFactor * appendedBytes, SlackSegments * options.SegmentBytes);
        while (budgetBytes > 0 && IsWorthwhile())
        {
            long begin = store.Log.BeginAddress;
            long segmentEnd = (begin & -options.SegmentBytes) + options.SegmentBytes;
            long limit = Math.Min(store.Log.SafeReadOnlyAddress, begin + RoomBytes());
            long until = Math.Min(segmentEnd, limit & -(long)options.PageBytes);
            if (until <= begin)
            {
                return;
            }

            store.Log.Compact<GroupInput, GroupRecord, Empty, GroupFunctions>(
                new GroupFunctions(new PendingOutcome()), until, CompactionType.Lookup);
            budgetBytes -= until - begin;
        }
    }

    private bool IsWorthwhile()
    {
        long groupsPerPage = options.PageBytes / GroupRecord.LoggedBytes;
        long liveBytes = ((groups.Value / groupsPerPage) + 1) * options.PageBytes;
        long deadBytes = store.Log.TailAddress - store.Log.BeginAddress - liveBytes;
        return deadBytes > (room.IsStarved ? room.ReserveBytes / 4 : liveBytes + (SlackSegments * options.SegmentBytes));
    }

    /// <summary>What may be copied, were it all alive: a segment stays for puts.</summary>
    private long RoomBytes()
    {
        if (room.Ahead < 2 * options.SegmentBytes)
        {
            room.Replenish();
        }

        return Math.Max(0, room.Ahead - options.SegmentBytes);
    }
}
