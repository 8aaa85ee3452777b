using System.Numerics;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// The groups of chunks in which a layer may have exceptions: a superset of the truth, so that enumerating a layer costs what it holds, not what
/// the volume's size is, and a reader passes a layer without asking the table. Thread-safe; looking takes no lock.
/// </summary>
/// <remarks>
/// A group is added before its first exception is put into the table, and removed only after the last one is gone: who does not find it here would
/// have found nothing in the table at that moment either.
/// </remarks>
internal sealed class GroupSet
{
    private readonly Lock _change = new();

    // Ascending by number; replaced as a whole when pages come and go, so that a look needs no lock.
    private GroupPage[] _pages = [];

    /// <summary>Words in a page of a checkpoint.</summary>
    public static int WordsPerPage => GroupPage.WordCount;

    public bool IsEmpty => Volatile.Read(ref _pages).Length == 0;

    public bool Contains(long group)
    {
        GroupPage[] pages = Volatile.Read(ref _pages);
        long number = group >> GroupPage.Shift;
        int index = pages.Length <= 1 ? 0 : LowerBound(pages, number);
        return index < pages.Length && pages[index].Number == number
            && (Volatile.Read(ref pages[index].Words[GroupPage.WordOf(group)]) & GroupPage.BitOf(group)) != 0;
    }

    public void Add(long group)
    {
        if (Contains(group))
        {
            return;
        }

        lock (_change)
        {
            ulong[] words = PageFor(group >> GroupPage.Shift).Words;
            Interlocked.Or(ref words[GroupPage.WordOf(group)], GroupPage.BitOf(group));
        }
    }

    public void Remove(long group)
    {
        lock (_change)
        {
            int index = LowerBound(_pages, group >> GroupPage.Shift);
            if (index == _pages.Length || _pages[index].Number != group >> GroupPage.Shift)
            {
                return;
            }

            Interlocked.And(ref _pages[index].Words[GroupPage.WordOf(group)], ~GroupPage.BitOf(group));
            if (_pages[index].IsEmpty)
            {
                Volatile.Write(ref _pages, [.. _pages[..index], .. _pages[(index + 1)..]]);
            }
        }
    }

    /// <summary>The first group at or after <paramref name="group"/>; -1 when there is none.</summary>
    public long NextAtOrAfter(long group)
    {
        GroupPage[] pages = Volatile.Read(ref _pages);
        for (int index = LowerBound(pages, group >> GroupPage.Shift); index < pages.Length; index++)
        {
            long first = pages[index].Number << GroupPage.Shift;
            ulong[] words = pages[index].Words;
            int from = (int)Math.Max(0, group - first);
            for (int word = from >> 6; word < words.Length; word++)
            {
                ulong bits = Volatile.Read(ref words[word]);
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

    /// <summary>A set of its own, with the same groups.</summary>
    public GroupSet Copy()
    {
        GroupSet copy = new();
        foreach ((long number, ulong[] words) in CopyPages())
        {
            copy.AddPage(number, words);
        }

        return copy;
    }

    /// <summary>A copy of the pages for a checkpoint: page number and 64 words each.</summary>
    public List<KeyValuePair<long, ulong[]>> CopyPages()
    {
        lock (_change)
        {
            return [.. _pages.Select(page => KeyValuePair.Create(page.Number, (ulong[])page.Words.Clone()))];
        }
    }

    /// <summary>Takes a page of a checkpoint, before anybody looks.</summary>
    public void AddPage(long pageNumber, ulong[] words)
    {
        lock (_change)
        {
            words.CopyTo(PageFor(pageNumber).Words, 0);
        }
    }

    private GroupPage PageFor(long number)
    {
        int index = LowerBound(_pages, number);
        if (index < _pages.Length && _pages[index].Number == number)
        {
            return _pages[index];
        }

        GroupPage page = new(number, new ulong[GroupPage.WordCount]);
        Volatile.Write(ref _pages, [.. _pages[..index], page, .. _pages[index..]]);
        return page;
    }

    private static int LowerBound(GroupPage[] pages, long number)
    {
        int low = 0, high = pages.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (pages[middle].Number < number)
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
