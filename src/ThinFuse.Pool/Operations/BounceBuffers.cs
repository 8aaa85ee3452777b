using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Operations;

/// <summary>Aligned buffers of one size, lent out for requests whose own buffer O_DIRECT would refuse. Thread-safe.</summary>
internal sealed class BounceBuffers(int lengthBytes)
{
    private const int MaxKept = 32;
    private readonly Lock _lock = new();
    private readonly Stack<AlignedBuffer> _kept = new(MaxKept);

    public int LengthBytes { get; } = lengthBytes;

    public AlignedBuffer Rent()
    {
        lock (_lock)
        {
            if (_kept.TryPop(out AlignedBuffer? buffer))
            {
                return buffer;
            }
        }

        return new AlignedBuffer(LengthBytes);
    }

    public void Return(AlignedBuffer buffer)
    {
        lock (_lock)
        {
            if (_kept.Count < MaxKept)
            {
                _kept.Push(buffer);
                return;
            }
        }

        buffer.Dispose();
    }
}
