using System.Runtime.InteropServices;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Benchmarks.FillTable;

/// <summary>Maps and publishes writes whose data never moves. One thread.</summary>
internal sealed unsafe class TableFiller(VolumeHandle volume) : IParked, IDisposable
{
    private const int PageBytes = 4096;

    // What the engine never looks at, but for its address.
    private readonly byte* _data = (byte*)NativeMemory.AlignedAlloc(VolumeHandle.MaxWriteBytes, PageBytes);
    private readonly SemaphoreSlim _resumed = new(0);

    /// <summary>Maps the first so many bytes.</summary>
    public void Fill(long sizeBytes, CancellationToken cancel)
    {
        WriteOperation write = volume.RentWrite();
        try
        {
            for (long offset = 0; offset < sizeBytes; offset += VolumeHandle.MaxWriteBytes)
            {
                cancel.ThrowIfCancellationRequested();
                Publish(write, offset, (int)Math.Min(VolumeHandle.MaxWriteBytes, sizeBytes - offset));
            }
        }
        finally
        {
            volume.Return(write);
        }
    }

    /// <summary>Maps and publishes one write.</summary>
    public void Publish(WriteOperation write, long offsetBytes, int lengthBytes)
    {
        MapOutcome outcome;
        while ((outcome = volume.MapWrite(write, offsetBytes, new ReadOnlySpan<byte>(_data, lengthBytes), this)) == MapOutcome.Parked)
        {
            _resumed.Wait();
        }

        if (outcome == MapOutcome.NoSpace)
        {
            throw new IOException($"the pool has no extents left at {offsetBytes} bytes");
        }

        write.Publish();
    }

    /// <inheritdoc/>
    public void Resume() => _resumed.Release();

    public void Dispose()
    {
        _resumed.Dispose();
        NativeMemory.AlignedFree(_data);
    }
}
