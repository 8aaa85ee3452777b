using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>Blocking reads, writes and discards on a volume, composed of the steps. Thread-safe.</summary>
internal sealed class DataPath
{
    private readonly PoolCore _core;

    public DataPath(PoolCore core)
    {
        _core = core;
        BounceBuffers bounces = new(Math.Max(256 << 10, core.Geometry.BlockBytes));
        Bounces = bounces;
        Reads = new OperationPool<ReadOperation>(() => new ReadOperation(core, bounces));
        Writes = new OperationPool<WriteOperation>(() => new WriteOperation(core, bounces));
        Waiters = new OperationPool<BlockingWaiter>(() => new BlockingWaiter());
    }

    public BounceBuffers Bounces { get; }

    public OperationPool<ReadOperation> Reads { get; }

    public OperationPool<WriteOperation> Writes { get; }

    private OperationPool<BlockingWaiter> Waiters { get; }

    public int Read(Volume volume, long offsetBytes, Span<byte> buffer)
    {
        ReadOperation read = Reads.Rent();
        try
        {
            int lengthBytes = read.Map(volume, offsetBytes, buffer.Length);
            read.Move(buffer[..lengthBytes]);
            return lengthBytes;
        }
        finally
        {
            read.Finish();
            Reads.Return(read);
        }
    }

    /// <param name="volume">The volume.</param>
    /// <param name="offsetBytes">Where.</param>
    /// <param name="data">What.</param>
    /// <param name="manner">How it differs from a user's write.</param>
    public void Write(Volume volume, long offsetBytes, ReadOnlySpan<byte> data, WriteManner manner = WriteManner.Ordinary)
    {
        if (data.IsEmpty)
        {
            return;
        }

        WriteOperation write = Writes.Rent();
        BlockingWaiter waiter = Waiters.Rent();
        try
        {
            do
            {
                MapOutcome outcome;
                waiter.Reset();
                while ((outcome = write.Map(volume, offsetBytes, data, waiter, manner)) == MapOutcome.Parked)
                {
                    waiter.Wait();
                    waiter.Reset();
                }

                if (outcome == MapOutcome.NoSpace)
                {
                    throw new PoolException(PoolErrorKind.NoSpace, "the pool has no free extent; grow it, discard, or delete something");
                }
            }
            while (!TryMove(write, data));
            write.Publish();
        }
        finally
        {
            write.Abort();
            Writes.Return(write);
            Waiters.Return(waiter);
        }
    }

    /// <summary>False when what was mapped turned out to be bad, and it is to be mapped again.</summary>
    private bool TryMove(WriteOperation write, ReadOnlySpan<byte> data)
    {
        try
        {
            write.Move(data);
            return true;
        }
        catch (StorageException e) when (e.IsNoSpace)
        {
            _core.Host.NoteFull();
            throw;
        }
        catch (StorageException e) when (e.IsBadPlace)
        {
            FaultOutcome outcome = write.MeetFault(data, e.ErrorNumber);
            if (outcome == FaultOutcome.Refused)
            {
                throw;
            }

            return outcome == FaultOutcome.Moved;
        }
    }
}
