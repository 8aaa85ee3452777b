namespace ThinFuse.Pool.Storage;

/// <summary>An open file or block device. Thread-safe; reads and writes of different threads may overlap in time.</summary>
/// <remarks>
/// All methods throw <see cref="StorageException"/> with the errno on failure. A failed <see cref="Flush"/> has failed for good:
/// every later Flush of the same file fails too, since the kernel forgets what it could not write.
/// </remarks>
public interface IStorageFile : IDisposable
{
    /// <summary>The path it was opened by.</summary>
    string Path { get; }

    /// <summary>Current length in bytes.</summary>
    long LengthBytes { get; }

    /// <summary>
    /// Offsets, lengths and buffer addresses must be multiples of this: 1 when cached, else the device's logical block size (512 to 4096).
    /// </summary>
    int AlignmentBytes { get; }

    /// <summary>Whether this is a block device, whose length is given.</summary>
    bool IsBlockDevice { get; }

    /// <summary>Whether another program or machine serves it (FUSE, NFS and the like): then it may not answer even who asks it not to wait.</summary>
    bool IsRemote => false;

    /// <summary>When the content last changed, ticks of UTC; 0 where that is not known, as of a block device.</summary>
    long ModifiedAtTicks => 0;

    /// <summary>The file descriptor, for executing a plan outside this interface; -1 where there is none (a simulated disk).</summary>
    int Descriptor { get; }

    /// <summary>What the host has given, and can still give. A quota does not show in it.</summary>
    HostSpace Host { get; }

    /// <summary>Fills the whole buffer; bytes past the end of the file read as zero.</summary>
    void Read(long offsetBytes, Span<byte> buffer);

    /// <summary>As <see cref="Read"/>, of a file that must have the range: EIO when it ends before.</summary>
    void ReadInside(long offsetBytes, Span<byte> buffer)
    {
        if (offsetBytes + buffer.Length > LengthBytes)
        {
            throw new StorageException(Errno.EIO, "read past the end of", Path);
        }

        Read(offsetBytes, buffer);
    }

    /// <summary>Writes the whole buffer, growing a regular file where needed. On error any part may have been written.</summary>
    void Write(long offsetBytes, ReadOnlySpan<byte> buffer);

    /// <summary>fdatasync: everything written before the call survives power loss.</summary>
    void Flush();

    /// <summary>
    /// Waits until no direct write is under way that a process began before it died: the kernel may end those after the process. Unknown on a block device.
    /// </summary>
    void AwaitDirectWrites()
    {
    }

    /// <summary>
    /// fallocate: backs the range with real space and grows the file if needed; ENOSPC changes nothing that was readable. No-op on a block
    /// device.
    /// </summary>
    void Allocate(long offsetBytes, long lengthBytes);

    /// <summary>
    /// Backs the range with space that is already written, with zeros, and grows the file if needed: a later write into it changes nothing of
    /// the host's own metadata, so that a flush after it has none to write. Takes as long as writing it, where the device cannot zero by itself.
    /// On error any part may have been zeroed. No-op on a block device.
    /// </summary>
    void AllocateWritten(long offsetBytes, long lengthBytes);

    /// <summary>
    /// Gives the range's space back to the host; it reads as zero or stale bytes afterwards. Best effort on devices without discard.
    /// </summary>
    void Punch(long offsetBytes, long lengthBytes);

    /// <summary>
    /// The first byte at or after the offset that may be other than zero, and is inside the file; -1 when there is none. What knows of no holes says the
    /// offset itself.
    /// </summary>
    long NextData(long offsetBytes) => offsetBytes < LengthBytes ? offsetBytes : -1;

    /// <summary>ftruncate.</summary>
    void SetLength(long lengthBytes);
}
