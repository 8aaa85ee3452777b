using FASTER.core;
using ThinFuse.Pool.Exceptions.Checkpoints;
using ThinFuse.Pool.Exceptions.Records;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>
/// Keeps space allocated ahead of the log, and for the next checkpoint, so that the table's own writes never meet a full host.
/// </summary>
/// <remarks>
/// Ahead of the log's end (in memory, not what has been written of it) lies a reserve: for what is still put once the caller has stopped
/// handing out extents, and for the compaction that wins space back. It is a part of the table's size, as even a removal is appended first,
/// and compaction that passes much living data for a little dead needs that much room. With less there is no headroom. The writer's thread
/// asks the host for more before it comes to that.
/// </remarks>
internal sealed class TableRoom(
    FasterKV<GroupKey, GroupRecord> store, LogSegments segments, CheckpointStore checkpoints, LogWriter writer, GroupCount groups, TableFault fault)
{
    private const int MinReserveSegments = 4;
    private const int ReserveShare = 4;
    private const int CheckpointSlackSegments = 32;

    /// <summary>FASTER addresses have 48 bits. No pool gets near; one that did could still be checkpointed and copied.</summary>
    private const long MaxAddress = (1L << 48) - (1L << 40);

    private readonly Lock _gate = new();
    private volatile bool _starved;

    /// <summary>How far the log should be allocated now.</summary>
    public long WantedEnd => Tail + ReserveBytes + (2 * segments.SegmentBytes);

    /// <summary>Whether the host had no space when last asked.</summary>
    public bool IsStarved => _starved;

    /// <summary>What must lie ahead of the log.</summary>
    public long ReserveBytes => Math.Max(MinReserveSegments * segments.SegmentBytes, groups.LogBytes / ReserveShare);

    /// <summary>Bytes that the log can grow by.</summary>
    public long Ahead => segments.AllocatedEnd - Tail;

    private long Tail => store.Log.TailAddress;

    private bool IsEnough =>
        Ahead >= ReserveBytes
        && checkpoints.ReadyBytes >= CheckpointFormat.MaxBytes(segments.AllocatedEnd - segments.AllocatedBegin)
        && Tail < MaxAddress;

    /// <summary>Whether there is headroom, asking the host when it has not yet said no.</summary>
    public bool Has()
    {
        Touch();
        return IsEnough || (!_starved && Replenish());
    }

    /// <summary>Has the writer make room if the log has come near the end of it. Cheap.</summary>
    public void Touch()
    {
        if (!_starved && Ahead < ReserveBytes + segments.SegmentBytes)
        {
            writer.RequestRoom();
        }
    }

    /// <summary>Asks the host for what is missing; whether there is headroom now. An error other than a full host becomes the fault.</summary>
    public bool Replenish()
    {
        lock (_gate)
        {
            try
            {
                fault.ThrowIfSet();

                // First what a checkpoint needs, also of a log that has grown further by then; without one no space comes back.
                long logBytes = WantedEnd - segments.AllocatedBegin + (CheckpointSlackSegments * segments.SegmentBytes);
                checkpoints.Prepare(CheckpointFormat.MaxBytes(logBytes));
                segments.AllocateUntil(WantedEnd);
                _starved = false;
            }
            catch (StorageException e) when (e.IsNoSpace)
            {
                _starved = true;
            }
            catch (StorageException e)
            {
                fault.Set(e);
            }

            return IsEnough && !fault.IsSet;
        }
    }
}
