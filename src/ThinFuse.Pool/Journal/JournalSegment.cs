using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// One preallocated segment file: a spare until it is started, then filled from front to back. The caller serialises all but Flush.
/// </summary>
internal sealed class JournalSegment(SegmentName name, IStorageFile file, int segmentBytes) : IDisposable
{
    private int _usedBytes;

    internal SegmentName Name { get; } = name;

    /// <summary>The last sequence in it, once the next segment is started.</summary>
    internal long LastSequence { get; set; } = long.MaxValue;

    /// <summary>Whether it was written to since this was last set to false.</summary>
    internal bool IsDirty { get; set; }

    internal bool Fits(int recordBytes) => recordBytes <= segmentBytes - _usedBytes;

    /// <summary>Writes the header, with which a spare begins to count.</summary>
    internal void Start(Guid poolId, long firstSequence)
    {
        Span<byte> header = stackalloc byte[SegmentHeader.SizeBytes];
        new SegmentHeader(Name, firstSequence, segmentBytes).Write(header, poolId);
        Append(header);
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        file.Write(_usedBytes, bytes);
        _usedBytes += bytes.Length;
        IsDirty = true;
    }

    internal void Flush() => file.Flush();

    public void Dispose() => file.Dispose();
}
