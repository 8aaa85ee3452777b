using System.Numerics;
using ThinFuse.Pool.Exceptions.Log;

namespace ThinFuse.Pool.Exceptions;

/// <summary>Sizes of a <see cref="FasterExceptionTable"/>. All are bytes and powers of two.</summary>
/// <remarks>
/// <see cref="PageBytes"/> and <see cref="SegmentBytes"/> belong to the files: a table is recovered with the sizes it was created with.
/// <see cref="MemoryBytes"/> and <see cref="IndexBytes"/> may differ from one start to the next.
/// </remarks>
public sealed record ExceptionTableOptions
{
    private const int MinPages = 8;
    private const long MinIndexBytes = 4096;
    private const long MaxIndexBytes = 1L << 30;
    private const long SmallIndexBytes = 64 << 10;
    private const long GroupIndexBytes = 14;
    private const int IndexShare = 8;

    /// <summary>Memory for records: the newest part of the log, which is read and updated without I/O. At least 8 pages; 64 MiB unless set.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;

    /// <summary>
    /// Memory for the hash index, at most: 8 bytes per slot, 7 slots in 64 bytes, best at one slot per group (a fuller index still works, through
    /// overflow buckets). 4 KiB to 1 GiB; 8 MiB unless set, which suits a million groups.
    /// </summary>
    public long IndexBytes { get; init; } = 8L << 20;

    /// <summary>
    /// Groups that the index is to have slots for. It gets less memory than <see cref="IndexBytes"/> when these, and the groups that are there when the table
    /// is recovered, need less: its slots are all over it, so that even few groups soon use all of it.
    /// </summary>
    public long ExpectedGroups { get; init; } = long.MaxValue;

    /// <summary>One log file. At least a page; 2 MiB unless set. Six of these, and more of a large table, are kept allocated ahead of the log's end.</summary>
    public long SegmentBytes { get; init; } = 2L << 20;

    /// <summary>The unit in which records leave memory: 4 KiB to 16 MiB, 256 KiB unless set.</summary>
    public int PageBytes { get; init; } = 256 << 10;

    /// <summary>
    /// The index of a table with so many groups: between 1.5 and 3 slots a group. With 1.5 a tenth of the lines, of 7 slots each, is full and goes on elsewhere;
    /// with twice as many next to none would, for half a byte more a chunk.
    /// </summary>
    internal long IndexBytesFor(long groups)
    {
        long wantedBytes = Math.Min(Math.Max(groups, ExpectedGroups), MaxIndexBytes) * GroupIndexBytes;
        return Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)wantedBytes), Math.Min(SmallIndexBytes, IndexBytes), IndexBytes);
    }

    /// <summary>
    /// Records in so much memory, rounded down to a power of two, and an eighth of it more for the index: slots for about five times the groups that
    /// fit.
    /// </summary>
    public static ExceptionTableOptions ForMemory(long bytes)
    {
        long memoryBytes = 1L << BitOperations.Log2((ulong)bytes);
        return new ExceptionTableOptions { MemoryBytes = memoryBytes, IndexBytes = Math.Min(memoryBytes / IndexShare, MaxIndexBytes) };
    }

    /// <exception cref="ArgumentException">A size is no power of two or out of range.</exception>
    internal void Validate()
    {
        Require(PageBytes, LogBlock.Bytes, 16L << 20, nameof(PageBytes));
        Require(SegmentBytes, PageBytes, 1L << 30, nameof(SegmentBytes));
        Require(MemoryBytes, (long)PageBytes * MinPages, 1L << 46, nameof(MemoryBytes));
        Require(IndexBytes, MinIndexBytes, MaxIndexBytes, nameof(IndexBytes));
        ArgumentOutOfRangeException.ThrowIfNegative(ExpectedGroups);
    }

    private static void Require(long value, long min, long max, string name)
    {
        if (value < min || value > max || !BitOperations.IsPow2(value))
        {
            throw new ArgumentException($"{name} is {value}; it must be a power of two between {min} and {max}.", name);
        }
    }
}
