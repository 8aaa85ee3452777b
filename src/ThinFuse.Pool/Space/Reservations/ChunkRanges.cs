namespace ThinFuse.Pool.Space.Reservations;

/// <summary>A set of chunks as ascending ranges that neither touch nor overlap. Immutable; costs what it has ranges, whatever their length.</summary>
internal sealed class ChunkRanges
{
    public static readonly ChunkRanges Empty = new([]);

    private readonly ChunkRange[] _ranges;

    private ChunkRanges(ChunkRange[] ranges)
    {
        _ranges = ranges;
        foreach (ChunkRange range in ranges)
        {
            Count += range.Count;
        }
    }

    /// <summary>Chunks in the set.</summary>
    public long Count { get; }

    public ReadOnlySpan<ChunkRange> Ranges => _ranges;

    public static ChunkRanges Of(long first, long end) => end <= first ? Empty : new ChunkRanges([new ChunkRange(first, end)]);

    public bool Contains(long chunk)
    {
        int index = FirstEndingAfter(chunk);
        return index < _ranges.Length && _ranges[index].First <= chunk;
    }

    /// <summary>Whether a chunk of [first, end) is in the set.</summary>
    public bool Overlaps(long first, long end)
    {
        int index = FirstEndingAfter(first);
        return first < end && index < _ranges.Length && _ranges[index].First < end;
    }

    public ChunkRanges With(long first, long end)
    {
        if (end <= first)
        {
            return this;
        }

        // Ranges that only touch the new one join it too.
        int from = FirstEndingAfter(first - 1);
        int to = from;
        while (to < _ranges.Length && _ranges[to].First <= end)
        {
            first = Math.Min(first, _ranges[to].First);
            end = Math.Max(end, _ranges[to].End);
            to++;
        }

        return new ChunkRanges([.. _ranges[..from], new ChunkRange(first, end), .. _ranges[to..]]);
    }

    public ChunkRanges Without(long first, long end)
    {
        if (end <= first || !Overlaps(first, end))
        {
            return this;
        }

        List<ChunkRange> kept = new(_ranges.Length + 1);
        foreach (ChunkRange range in _ranges)
        {
            AddUnlessEmpty(kept, range.First, Math.Min(range.End, first));
            AddUnlessEmpty(kept, Math.Max(range.First, end), range.End);
        }

        return kept.Count == 0 ? Empty : new ChunkRanges([.. kept]);
    }

    /// <summary>What is in this set and not in the other.</summary>
    public ChunkRanges Except(ChunkRanges other)
    {
        List<ChunkRange> kept = [];
        int at = 0;
        foreach (ChunkRange range in _ranges)
        {
            long first = range.First;
            while (at < other._ranges.Length && other._ranges[at].End <= first)
            {
                at++;
            }

            for (int i = at; i < other._ranges.Length && other._ranges[i].First < range.End; i++)
            {
                AddUnlessEmpty(kept, first, other._ranges[i].First);
                first = other._ranges[i].End;
            }

            AddUnlessEmpty(kept, first, range.End);
        }

        return kept.Count == 0 ? Empty : new ChunkRanges([.. kept]);
    }

    private static void AddUnlessEmpty(List<ChunkRange> ranges, long first, long end)
    {
        if (first < end)
        {
            ranges.Add(new ChunkRange(first, end));
        }
    }

    private int FirstEndingAfter(long chunk)
    {
        int low = 0, high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].End <= chunk)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
