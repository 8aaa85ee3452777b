using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>One opening of a file of a <see cref="SimulatedDisk"/>; goes on working when the file is renamed or deleted.</summary>
internal sealed class SimulatedFile(SimulatedDisk disk, string path, int inode, int alignmentBytes, bool isWritable) : IStorageFile
{
    private bool _isDisposed;

    public string Path { get; } = path;

    public long LengthBytes => Open().LengthBytes(this);

    public int AlignmentBytes { get; } = alignmentBytes;

    public bool IsBlockDevice => false;

    public int Descriptor => -1;

    public HostSpace Host => Open().HostOf(this);

    internal int Inode { get; } = inode;

    public void Read(long offsetBytes, Span<byte> buffer)
    {
        RequireAligned(offsetBytes, buffer);
        Open().Read(this, offsetBytes, buffer);
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        RequireAligned(offsetBytes, buffer);
        if (!buffer.IsEmpty)
        {
            OpenForWriting("write").Change(this, SimulatedIoKind.Write, offsetBytes, buffer.Length, buffer.ToArray());
        }
    }

    public void Flush() => Open().Flush(this);

    public void Allocate(long offsetBytes, long lengthBytes) =>
        OpenForWriting("allocate").Change(this, SimulatedIoKind.Allocate, offsetBytes, lengthBytes, []);

    public void AllocateWritten(long offsetBytes, long lengthBytes)
    {
        Allocate(offsetBytes, lengthBytes);
        ZeroFill.Write(this, offsetBytes, lengthBytes);
    }

    public void Punch(long offsetBytes, long lengthBytes) =>
        OpenForWriting("punch").Change(this, SimulatedIoKind.Punch, offsetBytes, lengthBytes, []);

    public long NextData(long offsetBytes)
    {
        long at = Open().NextData(this, offsetBytes);
        return at < LengthBytes ? at : -1;
    }

    public void SetLength(long lengthBytes) =>
        OpenForWriting("set length of").Change(this, SimulatedIoKind.SetLength, 0, lengthBytes, []);

    public void Dispose() => _isDisposed = true;

    private SimulatedDisk Open()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return disk;
    }

    private SimulatedDisk OpenForWriting(string operation) =>
        isWritable ? Open() : throw new StorageException(Errno.EBADF, operation, Path);

    private unsafe void RequireAligned(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            if (offsetBytes < 0 || offsetBytes % AlignmentBytes != 0
                || buffer.Length % AlignmentBytes != 0 || (nint)start % AlignmentBytes != 0)
            {
                throw new ArgumentException($"{Path}: {offsetBytes}+{buffer.Length} at {(nint)start:x} is not aligned to {AlignmentBytes}");
            }
        }
    }
}
