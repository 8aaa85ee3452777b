namespace ThinFuse.Pool.Differences;

/// <summary>Makes ranges out of blocks that come in order: neighbours of one kind become one range.</summary>
/// <param name="endBytes">Where the file ends; nothing is told of what lies behind.</param>
internal sealed class RangeMerger(long endBytes)
{
    private readonly Queue<ChangedRange> _whole = new();
    private ChangedRange _last;

    /// <summary>Takes a block.</summary>
    public void Add(long offsetBytes, int lengthBytes, RangeKind kind)
    {
        if (offsetBytes >= endBytes)
        {
            return;
        }

        long length = Math.Min(lengthBytes, endBytes - offsetBytes);
        if (_last.LengthBytes != 0 && _last.Kind == kind && _last.OffsetBytes + _last.LengthBytes == offsetBytes)
        {
            _last = _last with { LengthBytes = _last.LengthBytes + length };
            return;
        }

        End();
        _last = new ChangedRange(offsetBytes, length, kind);
    }

    /// <summary>No block follows.</summary>
    public void End()
    {
        if (_last.LengthBytes != 0)
        {
            _whole.Enqueue(_last);
            _last = default;
        }
    }

    /// <summary>Hands out a range that nothing can be added to any more.</summary>
    public bool TryTake(out ChangedRange range) => _whole.TryDequeue(out range);
}
