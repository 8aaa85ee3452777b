using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Operations;

/// <summary>The pieces of one request in buffer order; neighbours on disk become one piece. Reused, grows as needed.</summary>
internal sealed class SegmentList
{
    private Segment[] _segments = new Segment[32];
    private int _count;

    public ReadOnlySpan<Segment> All => _segments.AsSpan(0, _count);

    public void Clear() => _count = 0;

    public void Add(Node? node, long nodeOffsetBytes, int bufferOffsetBytes, int lengthBytes)
    {
        if (_count != 0)
        {
            ref Segment last = ref _segments[_count - 1];
            bool follows = last.Node == node && last.BufferOffsetBytes + last.LengthBytes == bufferOffsetBytes
                && (node is null || last.NodeOffsetBytes + last.LengthBytes == nodeOffsetBytes);
            if (follows)
            {
                last = last with { LengthBytes = last.LengthBytes + lengthBytes };
                return;
            }
        }

        if (_count == _segments.Length)
        {
            Array.Resize(ref _segments, _count * 2);
        }

        _segments[_count++] = new Segment(node, nodeOffsetBytes, bufferOffsetBytes, lengthBytes);
    }

    /// <summary>Whether every piece with data can go between its node and a buffer at <paramref name="address"/> as it is.</summary>
    public bool AreAligned(nuint address)
    {
        foreach (ref readonly Segment segment in All)
        {
            if (segment.Node is { } node && !IsAligned(node, segment, address))
            {
                return false;
            }
        }

        return true;
    }

    public static bool IsAligned(Node node, in Segment segment, nuint address) =>
        (((nuint)segment.NodeOffsetBytes | (nuint)segment.LengthBytes | (address + (nuint)segment.BufferOffsetBytes))
            & (nuint)(node.AlignmentBytes - 1)) == 0;
}
