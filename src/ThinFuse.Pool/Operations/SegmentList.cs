using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Operations;

/// <summary>The pieces of one request in buffer order; neighbours on disk become one piece. Reused, grows as needed.</summary>
internal sealed class SegmentList
{
    private Segment[] _segments = new Segment[32];
    private int _count;

    public ReadOnlySpan<Segment> All => _segments.AsSpan(0, _count);

    public void Clear() => _count = 0;

    public void Add(DataFile? file, long fileOffsetBytes, int bufferOffsetBytes, int lengthBytes)
    {
        if (_count != 0)
        {
            ref Segment last = ref _segments[_count - 1];
            bool follows = last.File == file && last.BufferOffsetBytes + last.LengthBytes == bufferOffsetBytes
                && (file is null || last.FileOffsetBytes + last.LengthBytes == fileOffsetBytes);
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

        _segments[_count++] = new Segment(file, fileOffsetBytes, bufferOffsetBytes, lengthBytes);
    }

    /// <summary>Whether every piece with data can go between its file and a buffer at <paramref name="address"/> as it is.</summary>
    public bool AreAligned(nuint address)
    {
        foreach (ref readonly Segment segment in All)
        {
            if (segment.File is { } file && !IsAligned(file, segment, address))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells each file once that an I/O of these pieces has failed.</summary>
    public static void NoteFault(ReadOnlySpan<Segment> segments, string operation, int errno)
    {
        for (int i = 0; i < segments.Length; i++)
        {
            DataFile? file = segments[i].File;
            bool isTold = false;
            foreach (ref readonly Segment before in segments[..i])
            {
                isTold |= before.File == file;
            }

            if (!isTold)
            {
                file?.NoteFault(operation, errno);
            }
        }
    }

    public static bool IsAligned(DataFile file, in Segment segment, nuint address) =>
        (((nuint)segment.FileOffsetBytes | (nuint)segment.LengthBytes | (address + (nuint)segment.BufferOffsetBytes))
            & (nuint)(file.AlignmentBytes - 1)) == 0;
}
