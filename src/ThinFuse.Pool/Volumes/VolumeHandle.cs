using ThinFuse.Pool.Operations;

namespace ThinFuse.Pool.Volumes;

/// <summary>An open volume or snapshot: its content stays until the handle is disposed, even when its name is deleted. Thread-safe.</summary>
/// <remarks>
/// <para>A write that returned survives the death of the process; it survives power loss after <see cref="Flush"/>.</para>
/// <para>Errors: <see cref="PoolException"/> NoSpace when a new extent is needed and there is none (nothing of the write is visible),
/// Usage on a read-only file or a range beyond the format, Failed after a metadata write or an fsync failed;
/// <see cref="Storage.StorageException"/> when a node refuses.</para>
/// </remarks>
public sealed class VolumeHandle : IDisposable
{
    private readonly ThinPool _pool;
    private int _disposed;

    internal VolumeHandle(ThinPool pool, Volume volume)
    {
        _pool = pool;
        Volume = volume;
    }

    /// <summary>Never reused; stable across renames.</summary>
    public ulong Id => Volume.Id;

    /// <summary>Whether writes are refused.</summary>
    public bool IsReadOnly => Volume.IsReadOnly;

    /// <summary>Size now, bytes.</summary>
    public long SizeBytes => Volume.Record.SizeBytes;

    /// <summary>What is known of it now, without the exclusive bytes; works after deletion too.</summary>
    public VolumeInfo Info => _pool.Describe(Volume);

    internal Volume Volume { get; }

    /// <summary>Reads; returns fewer bytes at the end of the volume, 0 behind it. Blocks for the I/O.</summary>
    public int Read(long offsetBytes, Span<byte> buffer) => _pool.Data.Read(Volume, Check(offsetBytes, 0), buffer);

    /// <summary>Most bytes of one write: what fits into one record of the journal, and one request of the kernel.</summary>
    public const int MaxWriteBytes = 1 << 20;

    /// <summary>
    /// Writes all of it or nothing, growing the volume past its end (to a multiple of 512). Blocks for I/O, snapshots and conflicting writes.
    /// More than <see cref="MaxWriteBytes"/> is written in pieces, each of them whole or not at all.
    /// </summary>
    /// <returns>The length of the data.</returns>
    public int Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        MustBeWritable();
        Check(offsetBytes, data.Length);
        for (int done = 0; done < data.Length;)
        {
            ReadOnlySpan<byte> piece = data.Slice(done, Math.Min(MaxWriteBytes, data.Length - done));
            _pool.Data.Write(Volume, offsetBytes + done, piece);
            done += piece.Length;
        }

        return data.Length;
    }

    /// <summary>Makes everything written before the call survive power loss. Once it failed it fails for good.</summary>
    public void Flush() => _pool.Commit();

    /// <summary>Makes the range, clipped to the size, read as zero and gives its space back after the next commit.</summary>
    public void Punch(long offsetBytes, long lengthBytes)
    {
        MustBeWritable();
        _pool.Discard.Punch(Volume, Check(offsetBytes, 0), Math.Max(0, lengthBytes));
    }

    /// <summary>
    /// Promises that every chunk the range touches can always be overwritten, also after snapshots: each of those then needs the space anew, or is refused.
    /// All of it or nothing; nothing is written. Durable when it returns. Discarding a whole chunk takes its promise back.
    /// </summary>
    /// <param name="offsetBytes">Begin of the range.</param>
    /// <param name="lengthBytes">Its length.</param>
    /// <param name="grows">Whether the volume grows to the end of the range, a multiple of 512; else the range ends with the volume's last chunk.</param>
    /// <exception cref="PoolException">NoSpace: the message says how much is missing.</exception>
    public void Provision(long offsetBytes, long lengthBytes, bool grows = false)
    {
        MustBeWritable();
        _pool.Promises.Provision(Volume, Check(offsetBytes, 0), Math.Clamp(lengthBytes, 0, Geometry.MaxVolumeBytes), grows);
    }

    /// <summary>Makes the range read as zero, gives back what it holds, and promises it as <see cref="Provision"/> does.</summary>
    public void ProvisionZeros(long offsetBytes, long lengthBytes, bool grows = false)
    {
        Provision(offsetBytes, lengthBytes, grows);
        _pool.Discard.Punch(Volume, offsetBytes, Math.Max(0, lengthBytes), keepsPromise: true);
    }

    /// <summary>Changes what is kept ready for the volume, durably.</summary>
    /// <exception cref="PoolException">NoSpace, when nothing has changed; Usage.</exception>
    public void SetReserve(ReservePolicy policy)
    {
        MustBeWritable();
        _pool.Promises.SetPolicy(Volume, policy);
    }

    /// <summary>
    /// Counts a user that opened the volume for writing, for reserves that are kept only <see cref="ReservePolicy.WhenOpen"/>; undone by
    /// <see cref="EndWriting"/>.
    /// </summary>
    /// <param name="goesOn">Whether the user opened it in a process before this one, and has it open still.</param>
    /// <exception cref="PoolException">
    /// The volume must not be opened. NoSpace: the reserve cannot be had. Busy: it is being received, by somebody else.
    /// </exception>
    public void BeginWriting(bool goesOn = false)
    {
        MustBeWritable();
        _pool.Promises.BeginWriting(Volume, goesOn);
    }

    /// <summary>The user has closed it.</summary>
    public void EndWriting() => _pool.Promises.EndWriting(Volume);

    /// <summary>
    /// Makes the volume's own layer hold every block the range touches, clipped to the size, so that overwriting it needs no space until the next
    /// snapshot. Writes zeros into holes and copies what is shared. After NoSpace a part may be held.
    /// </summary>
    public void Allocate(long offsetBytes, long lengthBytes)
    {
        MustBeWritable();
        _pool.Allocation.Own(Volume, Check(offsetBytes, 0), Math.Max(0, lengthBytes));
    }

    /// <summary>Makes the volume at least so large, durably. Busy while it is being received.</summary>
    public void Extend(long sizeBytes)
    {
        MustBeWritable();
        MustNotBeReceived();
        _pool.Admin.Resize(Volume, sizeBytes, onlyGrow: true);
    }

    /// <summary>Changes the size, durably; shrinking gives back what lies behind it. Busy while it is being received.</summary>
    public void Resize(long sizeBytes)
    {
        MustBeWritable();
        MustNotBeReceived();
        _pool.Admin.Resize(Volume, sizeBytes);
    }

    /// <summary>The first data at or after the offset; -1 when there is none.</summary>
    public long SeekData(long offsetBytes) => _pool.Seeker.NextData(Volume, Check(offsetBytes, 0));

    /// <summary>The first hole at or after the offset; the size when there is none.</summary>
    public long SeekHole(long offsetBytes) => _pool.Seeker.NextHole(Volume, Check(offsetBytes, 0));

    /// <summary>Changes permission bits or the time of the last write; durable after the next flush.</summary>
    public void SetAttributes(int? permissionBits, DateTimeOffset? modifiedAt) =>
        _pool.Admin.SetAttributes(Volume, permissionBits, modifiedAt);

    /// <summary>An idle read for <see cref="MapRead"/>.</summary>
    public ReadOperation RentRead() => _pool.Data.Reads.Rent();

    /// <summary>An idle write for <see cref="MapWrite"/>.</summary>
    public WriteOperation RentWrite() => _pool.Data.Writes.Rent();

    /// <summary>The map step of a read; see <see cref="ReadOperation"/>.</summary>
    public int MapRead(ReadOperation read, long offsetBytes, int lengthBytes) => read.Map(Volume, Check(offsetBytes, 0), lengthBytes);

    /// <summary>The map step of a write of 1 to <see cref="MaxWriteBytes"/> bytes; see <see cref="WriteOperation"/>.</summary>
    /// <param name="write">A rented write.</param>
    /// <param name="offsetBytes">Where.</param>
    /// <param name="data">What; the same bytes at the same address until the write ends.</param>
    /// <param name="waiter">Resumed after <see cref="MapOutcome.Parked"/>.</param>
    /// <param name="mayBlock">Whether this thread may wait for a commit; if not, <see cref="MapOutcome.MustBlock"/> may be the answer.</param>
    public MapOutcome MapWrite(WriteOperation write, long offsetBytes, ReadOnlySpan<byte> data, IParked waiter, bool mayBlock = true)
    {
        MustBeWritable();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, MaxWriteBytes);
        WriteManner manner = mayBlock ? WriteManner.Queues : WriteManner.Queues | WriteManner.MustNotBlock;
        return write.Map(Volume, Check(offsetBytes, data.Length), data, waiter, manner);
    }

    /// <summary>
    /// Called when moving the data met a full host below a node (ENOSPC, EDQUOT): nothing of the write is visible then. Blocks for I/O.
    /// </summary>
    /// <returns>Parked: it waits, as the pool's policy says, and the waiter is resumed when it is to be mapped again. NoSpace: it is refused.</returns>
    public MapOutcome MeetFullHost(WriteOperation write, IParked waiter) => write.MeetFullHost(waiter);

    /// <summary>
    /// Called when moving the data met an error of the disk, other than want of space: gets what is bad out of the write's way where that is possible. Blocks for
    /// I/O.
    /// </summary>
    /// <param name="write">The write.</param>
    /// <param name="data">What it writes.</param>
    /// <param name="errno">Positive Linux errno.</param>
    /// <exception cref="Storage.StorageException">Another error was met, which is what is to be told.</exception>
    public FaultOutcome MeetFault(WriteOperation write, ReadOnlySpan<byte> data, int errno) => write.MeetFault(data, errno);

    /// <summary>Gives a read back; finishes it if that has not happened.</summary>
    public void Return(ReadOperation read)
    {
        read.Finish();
        _pool.Data.Reads.Return(read);
    }

    /// <summary>Gives a write back; aborts it if it is not published.</summary>
    public void Return(WriteOperation write)
    {
        write.Abort();
        _pool.Data.Writes.Return(write);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _pool.Admin.Close(Volume);
        }
    }

    private static long Check(long offsetBytes, int lengthBytes)
    {
        if (offsetBytes < 0 || offsetBytes > Geometry.MaxVolumeBytes - lengthBytes)
        {
            throw new PoolException(PoolErrorKind.Usage, $"offset {offsetBytes} is beyond the largest volume, {Geometry.MaxVolumeBytes} bytes");
        }

        return offsetBytes;
    }

    private void MustBeWritable()
    {
        if (IsReadOnly)
        {
            throw new PoolException(PoolErrorKind.Usage, $"{Volume.Record.Name} is a snapshot and read-only; clone it to write");
        }
    }

    private void MustNotBeReceived()
    {
        lock (_pool.Core.MetadataLock)
        {
            _pool.Core.Metadata.Transfers.MustNotBeReceived(Volume);
        }
    }
}
