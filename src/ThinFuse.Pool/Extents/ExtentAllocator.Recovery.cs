using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool.Extents;

/// <summary>The part that learns which extents are taken when a pool is opened, and says so when it is closed.</summary>
internal sealed partial class ExtentAllocator
{
    /// <summary>
    /// Takes the extents of a group of exceptions, at recovery; returns how many. One that does not exist, or is taken and so owned twice, is
    /// <paramref name="conflicting"/>, else -1.
    /// </summary>
    public int TryTake(ReadOnlySpan<ChunkException> exceptions, out long conflicting)
    {
        int taken = 0;
        conflicting = -1;
        lock (_lock)
        {
            int next = 0;
            for (int i = 0; i < exceptions.Length && conflicting < 0; i = next)
            {
                // Neighbouring chunks mostly have neighbouring extents.
                long first = exceptions[i].Extent;
                next = i + 1;
                if (first < 0)
                {
                    continue;
                }

                while (next < exceptions.Length && exceptions[next].Extent == first + (next - i))
                {
                    next++;
                }

                int count = (int)_maps.TakeRun(first, next - i);
                taken += count;
                conflicting = count < next - i ? first + count : -1;
            }

            _balance.Add(-taken);
        }

        return taken;
    }

    /// <summary>Takes the retired extents, at recovery, after those that have owners.</summary>
    /// <param name="retired">What the metadata says.</param>
    /// <param name="conflicting">One that has an owner; -1 when none has.</param>
    public void TakeRetired(IEnumerable<long> retired, out long conflicting)
    {
        conflicting = -1;
        lock (_lock)
        {
            foreach (long extent in retired)
            {
                if (!_maps.TryTake(extent))
                {
                    conflicting = extent;
                    continue;
                }

                _balance.Add(-1);
                _retired.Add(extent);
            }
        }
    }

    /// <summary>
    /// For each node a bit for each slot, set when a layer owns it: neither held by a write, one of <paramref name="held"/>, nor waiting to be free, nor retired.
    /// </summary>
    public IReadOnlyList<ulong[]> CopyOwned(IEnumerable<long> held)
    {
        lock (_lock)
        {
            return _maps.CopyTaken(held.Concat(_waiting.Select(freed => freed.Extent)).Concat(_retired));
        }
    }

    /// <summary>Replaces what is taken, at recovery, by what <see cref="CopyOwned"/> told.</summary>
    public void Restore(IReadOnlyList<ulong[]> owned)
    {
        lock (_lock)
        {
            _maps.Restore(owned);
            _balance.Add(_maps.FreeCount - _balance.UnallocatedCount);
        }
    }
}
