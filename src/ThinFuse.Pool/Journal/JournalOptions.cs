namespace ThinFuse.Pool.Journaling;

/// <summary>Sizes of a journal. They may differ from one run to the next.</summary>
public sealed record JournalOptions
{
    /// <summary>Smallest <see cref="SegmentBytes"/>.</summary>
    public const int MinSegmentBytes = 4096;

    /// <summary>Largest <see cref="SegmentBytes"/>; a scan holds one segment in memory.</summary>
    public const int MaxSegmentBytes = 256 << 20;

    /// <summary>
    /// Bytes of a segment file, preallocated and written: a multiple of 4096 from 4 KiB to 256 MiB. Small enough that making one delays nobody for
    /// long.
    /// </summary>
    public int SegmentBytes { get; init; } = 4 << 20;

    /// <summary>Preallocated segments kept ready beside the one in use; at least 1.</summary>
    public int SpareSegments { get; init; } = 4;

    /// <summary>Released segments kept for use again, beyond which they are deleted; at least <see cref="SpareSegments"/>.</summary>
    public int MaxSpareSegments { get; init; } = 16;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, MinSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentBytes, MaxSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(SegmentBytes % MinSegmentBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(SpareSegments, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSpareSegments, SpareSegments);
    }
}
