using System.Buffers.Binary;
using System.Runtime.InteropServices;
using FASTER.core;
using ThinFuse.Pool.Exceptions.Records;
using ThinFuse.Pool.Exceptions.Sessions;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>
/// Keeps the log from growing without bound: copies what lives at its begin to its end and moves the begin up. The space comes back when a
/// checkpoint without it is kept and the others are purged.
/// </summary>
/// <remarks>
/// <para>
/// The work at one checkpoint is in proportion to what was appended since the last one. As it outpaces the appending, the log stays within
/// about three times the size of what lives in it, and a few segments.
/// </para>
/// <para>
/// Not FASTER's own compaction: its scan waits, page by page, for every other thread to take notice, which on a busy machine takes seconds.
/// Here each key found in the old part is asked to move, by an ordinary operation that does nothing where the record is newer or gone.
/// </para>
/// </remarks>
internal sealed class LogCompactor(
    FasterKV<GroupKey, GroupRecord> store,
    GroupSessionPool sessions,
    LogSegments segments,
    TableRoom room,
    GroupCount groups,
    TableFault fault,
    ExceptionTableOptions options)
{
    private const int SlackSegments = 4;
    private const int PaceFactor = 2;
    private const int HeaderBytes = sizeof(long);

    /// <summary>Where the first record ever lies; all other pages begin with one.</summary>
    private const int FirstAddress = 64;

    private readonly byte[] _page = new byte[options.PageBytes];

    /// <summary>Call while no checkpoint runs.</summary>
    /// <param name="writtenEnd">The end of the last checkpoint: everything below is in the files.</param>
    /// <exception cref="Storage.StorageException">The log could not be read.</exception>
    public void Run(long writtenEnd)
    {
        // Without room, the room is the limit.
        long appendedBytes = store.Log.TailAddress - writtenEnd;
        long budgetBytes = room.IsStarved ? long.MaxValue : Math.Max(PaceFactor * appendedBytes, SlackSegments * options.SegmentBytes);
        while (budgetBytes > 0 && IsWorthwhile())
        {
            long begin = store.Log.BeginAddress;
            long segmentEnd = (begin & -options.SegmentBytes) + options.SegmentBytes;
            long limit = Math.Min(writtenEnd, begin + RoomBytes());
            long until = Math.Min(segmentEnd, limit & -(long)options.PageBytes);
            if (until <= begin)
            {
                return;
            }

            MoveFrom(begin, until);
            store.Log.ShiftBeginAddress(until);
            budgetBytes -= until - begin;
        }
    }

    private void MoveFrom(long begin, long until)
    {
        GroupSession session = sessions.Rent();
        for (long page = begin & -(long)options.PageBytes; page < until; page += options.PageBytes)
        {
            segments.Read(page, _page, fault);
            int offset = page == 0 ? FirstAddress : 0;
            for (; offset + GroupRecord.LoggedBytes <= _page.Length; offset += GroupRecord.LoggedBytes)
            {
                ReadOnlySpan<byte> record = _page.AsSpan(offset, GroupRecord.LoggedBytes);
                if (BinaryPrimitives.ReadInt64LittleEndian(record) != 0)
                {
                    GroupKey key = MemoryMarshal.Read<GroupKey>(record[HeaderBytes..]);
                    GroupInput move = GroupInput.MoveFrom(until);
                    session.Modify(ref key, ref move);
                }
            }

            fault.ThrowIfSet();
            room.Touch();
        }

        sessions.Return(session);
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
