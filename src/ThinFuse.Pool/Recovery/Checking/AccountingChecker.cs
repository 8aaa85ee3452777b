using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>
/// Proves that the counts of extents add up, and that what is kept ready is what was promised, counted anew from the exceptions. The caller keeps all changes
/// waiting.
/// </summary>
internal sealed class AccountingChecker(PoolCore core, ProblemList problems)
{
    /// <summary>Looks at the counts.</summary>
    /// <param name="ownedCount">Extents that layers own, as they were just counted.</param>
    public void Run(long ownedCount)
    {
        long held = core.Pending.HeldExtents.LongCount();
        ExtentCounts counts = core.Extents.Counts;
        Expect(
            counts.Allocated == ownedCount + held + counts.Waiting + counts.Retired,
            $"{counts.Allocated} extents are allocated, but {ownedCount} are owned, {held} held by writes, {counts.Waiting} waiting to be free and {counts.Retired} retired");
        Expect(counts.Retired == core.Metadata.Retired.Count, $"{counts.Retired} extents count as retired, but {core.Metadata.Retired.Count} are");
        long promised = core.Reservations.Volumes.Sum(CheckReservation);
        Expect(counts.Promised == promised, $"{counts.Promised} extents count as promised, but {promised} are");
        Expect(
            counts.Promised <= counts.Unallocated + counts.Waiting + counts.OutOfReach,
            $"{counts.Promised} extents are promised, but {counts.Unallocated} are unallocated and {counts.Waiting} waiting to be");
    }

    /// <summary>Counts what a volume's promise needs, chunk by chunk; extents of its emergency amount included.</summary>
    private long CheckReservation(Volume volume)
    {
        string name = volume.Record.Name;
        Reservation reservation = volume.Reservation!;
        ChunkRanges promised = volume.Promise.Promised(core.Geometry.ChunksFor(volume.Record.SizeBytes), volume.WriterCount);
        Expect(promised.Ranges.SequenceEqual(reservation.Promised.Ranges), $"{name}: other chunks are kept ready than were promised");
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        long owned = 0;
        for (long group = 0; (group = volume.Head.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            core.Table.GetGroup(volume.Head.Id, group, exceptions);
            for (int i = 0; i < exceptions.Length; i++)
            {
                owned += exceptions[i].HasExtent && promised.Contains((group * IExceptionTable.GroupChunks) + i) ? 1 : 0;
            }
        }

        long needed = promised.Count - owned - core.Pending.DrawnCount(volume.Head.Id);
        Expect(reservation.NeededCount == needed, $"{name}: {reservation.NeededCount} extents are kept ready, but its promise needs {needed}");
        Expect(
            reservation.EmergencyCount <= reservation.EmergencyWantedCount
                && reservation.EmergencyWantedCount == volume.Promise.EmergencyCount(core.Geometry, volume.WriterCount),
            $"{name}: its emergency amount is {reservation.EmergencyCount} of {reservation.EmergencyWantedCount} extents");
        return needed + reservation.EmergencyCount;
    }

    private void Expect(bool condition, string problem)
    {
        if (!condition)
        {
            problems.Add(CheckProblemKinds.Accounting, problem);
        }
    }
}
