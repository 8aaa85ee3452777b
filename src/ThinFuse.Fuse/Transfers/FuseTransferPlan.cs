using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Transfers;

/// <summary>
/// A list of transfers between files and a request's own buffer, which the transport carries out.
/// Reusable: once grown, filling it again allocates nothing. Not thread-safe; not to be touched between
/// <see cref="FuseRequest.Move"/> and its completion.
/// </summary>
/// <remarks>Segments may be carried out in any order and at the same time, so they must not overlap in a file.</remarks>
public sealed class FuseTransferPlan
{
    private FuseTransferSegment[] _segments = new FuseTransferSegment[8];

    /// <summary>Which way the data goes.</summary>
    public FuseTransferDirection Direction { get; private set; }

    /// <summary>The segments, in the order they were added.</summary>
    public ReadOnlySpan<FuseTransferSegment> Segments => _segments.AsSpan(0, Count);

    /// <summary>How many segments there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every file in it has O_DIRECT.</summary>
    internal bool IsDirect { get; private set; } = true;

    /// <summary>Empties the plan and sets its direction.</summary>
    public void Reset(FuseTransferDirection direction)
    {
        Direction = direction;
        Count = 0;
        IsDirect = true;
    }

    /// <summary>Adds a transfer; one that continues the last segment in both file and buffer is merged with it.</summary>
    /// <param name="fileDescriptor">An open file or device that stays open until the move is done.</param>
    /// <param name="fileOffsetBytes">Where in the file; not negative.</param>
    /// <param name="bufferOffsetBytes">Where in the request's data area.</param>
    /// <param name="lengthBytes">How much; above 0.</param>
    /// <param name="isDirect">
    /// Whether the descriptor has O_DIRECT. Decides by what means the transport moves the data, not whether it arrives.
    /// </param>
    /// <param name="mustBeWhole">Whether the end of the file inside of it is an I/O error when reading, and not zeros.</param>
    /// <param name="mayHoldUp">
    /// Whether it may hold up even who asks it not to wait, as a file that another program serves: then no thread that must not block asks it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, or the range lies outside the request's data area.</exception>
    public void Add(
        int fileDescriptor, long fileOffsetBytes, int bufferOffsetBytes, int lengthBytes, bool isDirect = false, bool mustBeWhole = false,
        bool mayHoldUp = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fileDescriptor);
        ArgumentOutOfRangeException.ThrowIfNegative(fileOffsetBytes);
        Append(new FuseTransferSegment(fileDescriptor, fileOffsetBytes, bufferOffsetBytes, lengthBytes, isDirect, mustBeWhole, mayHoldUp));
        IsDirect &= isDirect;
    }

    /// <summary>Adds a range of the buffer to be filled with zeros.</summary>
    /// <param name="bufferOffsetBytes">Where in the request's data area.</param>
    /// <param name="lengthBytes">How much; above 0.</param>
    /// <exception cref="InvalidOperationException">The plan moves data to files.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the request's data area.</exception>
    public void AddZeros(int bufferOffsetBytes, int lengthBytes)
    {
        if (Direction != FuseTransferDirection.FromFiles)
        {
            throw new InvalidOperationException("Only a plan that moves data from files can hold a range of zeros.");
        }

        Append(new FuseTransferSegment(FuseTransferSegment.Zero, 0, bufferOffsetBytes, lengthBytes));
    }

    private void Append(in FuseTransferSegment segment)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(segment.BufferOffsetBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segment.LengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            segment.BufferOffsetBytes + (long)segment.LengthBytes, FuseRequest.DataCapacityBytes, nameof(segment));
        if (Count > 0 && Continues(_segments[Count - 1], segment))
        {
            ref FuseTransferSegment last = ref _segments[Count - 1];
            last = last with { LengthBytes = last.LengthBytes + segment.LengthBytes };
            return;
        }

        if (Count == _segments.Length)
        {
            Array.Resize(ref _segments, Count * 2);
        }

        _segments[Count++] = segment;
    }

    private static bool Continues(in FuseTransferSegment last, in FuseTransferSegment next) =>
        last.FileDescriptor == next.FileDescriptor
        && last.BufferOffsetBytes + last.LengthBytes == next.BufferOffsetBytes
        && (next.IsZero || last.FileOffsetBytes + last.LengthBytes == next.FileOffsetBytes);
}
