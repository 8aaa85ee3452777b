using System.Numerics;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// The groups of chunks in which a layer may have exceptions: a superset of the truth, so that enumerating a layer costs what it holds,
/// not what the volume's size is. Thread-safe.
/// </summary>
internal sealed class GroupSet
{
    private const int PageShift = 12;
    private const int PageWords = (1 << PageShift) / 64;
    private readonly Lock _lock = new();
    private readonly SortedList<long, ulong[]> _pages = [];

    public void Add(long group)
    {
        lock (_lock)
        {
            if (!_pages.TryGetValue(group >> PageShift, out ulong[]? page))
            {
                _pages.Add(group >> PageShift, page = new ulong[PageWords]);
            }

            page[WordOf(group)] |= BitOf(group);
        }
    }

    public void Remove(long group)
    {
        lock (_lock)
        {
            if (_pages.TryGetValue(group >> PageShift, out ulong[]? page))
            {
                page[WordOf(group)] &= ~BitOf(group);
                if (!page.AsSpan().ContainsAnyExcept(0UL))
                {
                    _pages.Remove(group >> PageShift);
                }
            }
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _pages.Count == 0;
            }
        }
    }

    /// <summary>The first group at or after <paramref name="group"/>; -1 when there is none.</summary>
    public long NextAtOrAfter(long group)
    {
        lock (_lock)
        {
            for (int index = LowerBound(group >> PageShift); index < _pages.Count; index++)
            {
                long first = _pages.GetKeyAtIndex(index) << PageShift;
                ulong[] page = _pages.GetValueAtIndex(index);
                int from = (int)Math.Max(0, group - first);
                for (int word = from >> 6; word < PageWords; word++)
                {
                    ulong bits = page[word];
                    if (word == from >> 6)
                    {
                        bits &= ulong.MaxValue << (from & 63);
                    }

                    if (bits != 0)
                    {
                        return first + (word << 6) + BitOperations.TrailingZeroCount(bits);
                    }
                }
            }

            return -1;
        }
    }

    /// <summary>A copy of the pages for a checkpoint: page number and 64 words each.</summary>
    public List<KeyValuePair<long, ulong[]>> CopyPages()
    {
        lock (_lock)
        {
            return [.. _pages.Select(page => KeyValuePair.Create(page.Key, (ulong[])page.Value.Clone()))];
        }
    }

    public void AddPage(long pageNumber, ulong[] words)
    {
        lock (_lock)
        {
            _pages[pageNumber] = words;
        }
    }

    /// <summary>Words in a page of a checkpoint.</summary>
    public static int WordsPerPage => PageWords;

    private static int WordOf(long group) => (int)(group & ((1 << PageShift) - 1)) >> 6;

    private static ulong BitOf(long group) => 1UL << (int)(group & 63);

    private int LowerBound(long page)
    {
        int low = 0, high = _pages.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_pages.GetKeyAtIndex(middle) < page)
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
