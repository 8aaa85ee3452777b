namespace ThinFuse.Pool.Storage;

/// <summary>One opening of an overlaid file.</summary>
internal sealed class OverlayFile(string path, OverlayContent content, bool isWritable) : IStorageFile
{
    public string Path { get; } = path;

    public long LengthBytes => content.LengthBytes;

    public int AlignmentBytes => 1;

    public bool IsBlockDevice => content.IsBlockDevice;

    public long ModifiedAtTicks => content.ModifiedAtTicks;

    public int Descriptor => -1;

    public HostSpace Host => new(0, long.MaxValue, LengthBytes);

    public void Read(long offsetBytes, Span<byte> buffer) => content.Read(offsetBytes, buffer);

    public void Write(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        RequireWritable("write");
        if (!content.TryWrite(offsetBytes, buffer))
        {
            throw new StorageException(Errno.ENOSPC, "write", Path);
        }
    }

    public void Flush()
    {
    }

    public void Allocate(long offsetBytes, long lengthBytes)
    {
        RequireWritable("allocate");
        if (!IsBlockDevice)
        {
            content.Grow(offsetBytes + lengthBytes);
        }
    }

    public void AllocateWritten(long offsetBytes, long lengthBytes)
    {
        Allocate(offsetBytes, lengthBytes);
        content.Zero(offsetBytes, lengthBytes);
    }

    public void Punch(long offsetBytes, long lengthBytes)
    {
        RequireWritable("punch");
        // A whole device may be punched; it may go on reading stale bytes, and memory is not spent on zeroes.
        if (!IsBlockDevice)
        {
            content.Zero(offsetBytes, lengthBytes);
        }
    }

    public void SetLength(long lengthBytes)
    {
        RequireWritable("set length of");
        if (IsBlockDevice)
        {
            throw new StorageException(Errno.EINVAL, "set length of", Path);
        }
        content.SetLength(lengthBytes);
    }

    public void Dispose()
    {
    }

    private void RequireWritable(string operation)
    {
        if (!isWritable)
        {
            throw new StorageException(Errno.EBADF, operation, Path);
        }
    }
}
