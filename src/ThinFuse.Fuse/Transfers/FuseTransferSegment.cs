namespace ThinFuse.Fuse.Transfers;

/// <summary>One contiguous piece of a transfer.</summary>
/// <param name="FileDescriptor">An open file or device, which stays open until the move is done; <see cref="Zero"/> for a range of zeros.</param>
/// <param name="FileOffsetBytes">Where in the file.</param>
/// <param name="BufferOffsetBytes">Where in the request's data area, whose first byte is page-aligned.</param>
/// <param name="LengthBytes">How much; above 0.</param>
/// <param name="IsDirect">Whether the descriptor has O_DIRECT, so that reading and writing it means I/O of a device and not the page cache.</param>
/// <param name="MustBeWhole">Whether the end of the file inside of it is an I/O error when reading, and not zeros.</param>
/// <param name="MayHoldUp">Whether it may hold up even who asks it not to wait, as a file that another program serves.</param>
public readonly record struct FuseTransferSegment(
    int FileDescriptor, long FileOffsetBytes, int BufferOffsetBytes, int LengthBytes, bool IsDirect = false, bool MustBeWhole = false, bool MayHoldUp = false)
{
    /// <summary>The descriptor of a range of zeros.</summary>
    public const int Zero = -1;

    /// <summary>Whether this is a range of zeros to be filled into the buffer.</summary>
    public bool IsZero => FileDescriptor == Zero;
}
