using FASTER.core;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>The log as FASTER sees it. Reads run on the calling thread and end before they return; writes go to the <see cref="LogWriter"/>.</summary>
/// <remarks>
/// FASTER is told that every I/O succeeded. Told of an error it waits for ever: for the write, and every thread that needs memory with it,
/// or for the page of a scan. The error is in the fault before FASTER hears of the I/O, and every operation looks there before it returns,
/// so nothing that depends on a lost write, or on the zeros that a failed read gives, gets out.
/// Segments leave only when a purge says so, never when FASTER does: an earlier checkpoint may need them.
/// </remarks>
internal sealed class LogDevice(string name, LogSegments segments, LogWriter writer, TableFault fault)
    : StorageDeviceBase(name, LogBlock.Bytes, Devices.CAPACITY_UNSPECIFIED)
{
    public override void WriteAsync(
        nint sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        writer.Enqueue(new LogWrite(sourceAddress, segmentId, (long)destinationAddress, (int)numBytesToWrite, callback, context));

    public override void ReadAsync(
        int segmentId, ulong sourceAddress, nint destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context)
    {
        Read(segmentId, (long)sourceAddress, destinationAddress, (int)readLength);
        callback(0, readLength, context);
    }

    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result) => callback(result);

    public override void TruncateUntilAddressAsync(long toAddress, AsyncCallback callback, IAsyncResult result) => callback(result);

    public override void TruncateUntilAddress(long toAddress)
    {
    }

    public override void Dispose()
    {
    }

    private unsafe void Read(int segmentId, long offsetBytes, nint destination, int lengthBytes)
    {
        Span<byte> buffer = new((void*)destination, lengthBytes);
        try
        {
            fault.ThrowIfSet();
            segments.Read((segmentId * segments.SegmentBytes) + offsetBytes, buffer, fault);
        }
        catch (StorageException e)
        {
            fault.Set(e);
            buffer.Clear();
        }
    }
}
