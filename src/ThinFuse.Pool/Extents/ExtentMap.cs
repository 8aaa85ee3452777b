using System.Numerics;

namespace ThinFuse.Pool.Extents;

/// <summary>Which slots of one node are taken. Not thread-safe: <see cref="ExtentAllocator"/> holds the lock.</summary>
internal sealed class ExtentMap
{
    private ulong[] _taken;
    private ulong[]? _freed; // Free slots that were taken before, and what was free when remembering began.
    private long _firstFreedWord;

    // Whether an aligned run of 16 free slots may be found: where there is none, no new stream looks through the whole map for one.
    private bool _mayHaveRun = true;

    public ExtentMap(long slotCount)
    {
        SlotCount = slotCount;
        FreeCount = slotCount;
        _taken = new ulong[WordsFor(slotCount)];
    }

    public long SlotCount { get; private set; }

    public long FreeCount { get; private set; }

    /// <summary>Whether nothing is to be taken: the node has failed.</summary>
    public bool IsSuspended { get; set; }

    public bool IsTaken(long slot) => (_taken[slot >> 6] & (1UL << (int)(slot & 63))) != 0;

    /// <summary>Takes a slot; false when it is out of range or taken.</summary>
    public bool TryTake(long slot)
    {
        if ((ulong)slot >= (ulong)SlotCount || IsTaken(slot))
        {
            return false;
        }

        _taken[slot >> 6] |= 1UL << (int)(slot & 63);
        if (_freed is not null)
        {
            _freed[slot >> 6] &= ~(1UL << (int)(slot & 63));
        }

        FreeCount--;
        return true;
    }

    /// <summary>Takes neighbouring slots up to the first that is out of range or taken; returns how many.</summary>
    public long TakeRun(long first, long count)
    {
        long taken = 0;
        while (taken < count)
        {
            long slot = first + taken;
            int bit = (int)(slot & 63);
            int inWord = (int)Math.Min(64 - bit, count - taken);
            ulong mask = (ulong.MaxValue >> (64 - inWord)) << bit;
            if (_freed is not null || (ulong)slot + (ulong)inWord > (ulong)SlotCount || (_taken[slot >> 6] & mask) != 0)
            {
                if (!TryTake(slot))
                {
                    break;
                }

                taken++;
                continue;
            }

            _taken[slot >> 6] |= mask;
            FreeCount -= inWord;
            taken += inWord;
        }

        return taken;
    }

    /// <param name="slot">A slot that is taken.</param>
    /// <param name="isFreed">Whether it is remembered as one that became free.</param>
    public void Free(long slot, bool isFreed = true)
    {
        if (!IsTaken(slot))
        {
            throw new InvalidOperationException($"slot {slot} is freed twice");
        }

        _taken[slot >> 6] &= ~(1UL << (int)(slot & 63));
        if (_freed is not null && isFreed)
        {
            _freed[slot >> 6] |= 1UL << (int)(slot & 63);
            _firstFreedWord = Math.Min(_firstFreedWord, slot >> 6);
        }

        FreeCount++;
        _mayHaveRun |= RunStarts(~_taken[slot >> 6]) != 0;
    }

    /// <summary>Remembers which slots become free, and which are unless it is <paramref name="onlyFromNow"/>; or forgets them.</summary>
    public void RememberFreed(bool remember, bool onlyFromNow)
    {
        _freed = !remember ? null : onlyFromNow ? new ulong[_taken.Length] : [.. _taken.Select(taken => ~taken)];
        _firstFreedWord = 0;
        if (_freed is not null && (SlotCount & 63) != 0)
        {
            _freed[^1] &= (1UL << (int)(SlotCount & 63)) - 1;
        }
    }

    /// <summary>Takes the first run of slots that became free, at most so many; a count of 0 when there is none.</summary>
    public (long Slot, long Count) TakeFreed(long maxCount)
    {
        if (_freed is null || IsSuspended)
        {
            return (-1, 0);
        }

        while (_firstFreedWord < _freed.Length && _freed[_firstFreedWord] == 0)
        {
            _firstFreedWord++;
        }

        if (_firstFreedWord == _freed.Length)
        {
            return (-1, 0);
        }

        long first = (_firstFreedWord << 6) + BitOperations.TrailingZeroCount(_freed[_firstFreedWord]);
        long end = first;
        while (end - first < maxCount && end < SlotCount && (_freed[end >> 6] & (1UL << (int)(end & 63))) != 0)
        {
            TryTake(end++);
        }

        return (first, end - first);
    }

    /// <summary>A bit for each slot, set when it is taken.</summary>
    public ulong[] Copy() => [.. _taken];

    /// <summary>Replaces what is taken, at recovery; the map keeps the array. No bit lies behind the last slot.</summary>
    public void Restore(ulong[] taken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(taken.Length, _taken.Length);
        _taken = taken;
        _mayHaveRun = true;
        FreeCount = SlotCount - CountTaken(taken);
    }

    /// <summary>How many slots these words say are taken.</summary>
    public static long CountTaken(ulong[] taken)
    {
        long count = 0;
        foreach (ulong word in taken)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    public void Grow(long slotCount)
    {
        Array.Resize(ref _taken, WordsFor(slotCount));
        if (_freed is not null)
        {
            Array.Resize(ref _freed, WordsFor(slotCount));
        }

        FreeCount += slotCount - SlotCount;
        SlotCount = slotCount;
        _mayHaveRun = true;
    }

    /// <summary>
    /// A free slot at or after <paramref name="from"/>, wrapping once; -1 when none. With <paramref name="wantRun"/> a slot whose
    /// aligned run of 16 is wholly free, so that a new stream of writes has room to stay contiguous.
    /// </summary>
    public long Find(long from, bool wantRun)
    {
        if (FreeCount == 0 || IsSuspended || (wantRun && !_mayHaveRun))
        {
            return -1;
        }

        long start = from >= SlotCount ? 0 : from;
        long found = Scan(start, SlotCount, wantRun);
        if (found < 0)
        {
            found = Scan(0, Math.Min(SlotCount, start + 63), wantRun);
            _mayHaveRun &= found >= 0 || !wantRun;
        }

        return found;
    }

    private long Scan(long from, long end, bool wantRun)
    {
        for (long word = from >> 6; word << 6 < end; word++)
        {
            ulong free = ~_taken[word];
            if (word == from >> 6)
            {
                free &= ulong.MaxValue << (int)(from & 63);
            }

            if (wantRun)
            {
                free = RunStarts(free);
            }

            long slot = (word << 6) + BitOperations.TrailingZeroCount(free);
            if (free != 0 && slot < SlotCount)
            {
                return slot;
            }
        }

        return -1;
    }

    private static ulong RunStarts(ulong free)
    {
        free &= free >> 1;
        free &= free >> 2;
        free &= free >> 4;
        free &= free >> 8;
        return free & 0x0001_0001_0001_0001;
    }

    private static int WordsFor(long slots) => checked((int)((slots + 63) >> 6));
}
