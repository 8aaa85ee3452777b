namespace ThinFuse.Pool.Extents;

/// <summary>
/// The part that knows which extents are out of use: for good, because the disk below them is bad, when they stay taken and nobody owns them; or until the pool is
/// opened again, because their node has failed.
/// </summary>
internal sealed partial class ExtentAllocator
{
    private readonly HashSet<long> _retired = [];
    private long _outOfReachCount;

    /// <summary>Has nothing allocated on a node any more: what is free there is out of reach, and so is what becomes free.</summary>
    public void Suspend(int node)
    {
        lock (_lock)
        {
            long count = _maps.Suspend(node);
            _outOfReachCount += count;
            _balance.Add(-count);
        }
    }

    /// <summary>Whether an extent is out of use.</summary>
    public bool IsRetired(long extent)
    {
        lock (_lock)
        {
            return _retired.Contains(extent);
        }
    }

    /// <summary>An extent that its layer has just let go of is not to be used again: it never becomes free.</summary>
    public void Retire(long extent)
    {
        lock (_lock)
        {
            _retired.Add(extent);
        }
    }

    /// <summary>Takes an extent that is free, and not kept for a promise, out of use; false when it is neither.</summary>
    public bool TryTakeToRetire(long extent)
    {
        lock (_lock)
        {
            if (_balance.FreeCount == 0 || !_maps.TryTake(extent))
            {
                return false;
            }

            _balance.Add(-1);
            return _retired.Add(extent);
        }
    }

    /// <summary>Takes back what <see cref="TryTakeToRetire"/> did.</summary>
    public void Unretire(long extent)
    {
        lock (_lock)
        {
            _retired.Remove(extent);
            Free(extent);
        }
    }
}
