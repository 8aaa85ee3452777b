using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport;

/// <summary>Reads messages from a descriptor of the device. Used by one thread.</summary>
internal sealed unsafe class DeviceReader(SafeFileHandle device, FuseRequestPool pool, ILogger logger)
{
    /// <summary>The errno of <see cref="DeviceReadOutcome.Failed"/>.</summary>
    public int Failure { get; private set; }

    /// <summary>Reads a message into the memory of a request that stands for nothing.</summary>
    public DeviceReadOutcome Read(FuseRequest request, out int lengthBytes)
    {
        lengthBytes = (int)Libc.Read(device, ((DeviceRequestMemory)request.Memory).Message, DeviceRequestMemory.ReceiveCapacityBytes);
        if (lengthBytes > 0)
        {
            return DeviceReadOutcome.Received;
        }

        int errno = lengthBytes < 0 ? Marshal.GetLastPInvokeError() : 0;
        switch (errno)
        {
            // ENOENT: the request was withdrawn while it was being read.
            case FuseErrno.EINTR or FuseErrno.ENOENT:
                return DeviceReadOutcome.Retry;
            case FuseErrno.EAGAIN:
                return DeviceReadOutcome.Empty;

            // 0: the other end of a socket was closed.
            case 0 or FuseErrno.ENODEV or FuseErrno.ECONNABORTED:
                return DeviceReadOutcome.Over;
            default:
                Failure = errno;
                FuseLog.DeviceFailed(logger, errno);
                return DeviceReadOutcome.Failed;
        }
    }

    /// <summary>Has the request stand for the message that was read.</summary>
    /// <param name="request">The request.</param>
    /// <param name="channel">Where its answer goes.</param>
    /// <param name="lengthBytes">Of the message.</param>
    /// <param name="isWellFormed">Whether the message tells its true length.</param>
    /// <returns>False when it is to be dropped: the request stands for nothing, or has been recycled.</returns>
    public bool TryBegin(FuseRequest request, IFuseChannel channel, int lengthBytes, out bool isWellFormed)
    {
        isWellFormed = false;
        if (lengthBytes < sizeof(InHeader))
        {
            FuseLog.TooShort(logger, lengthBytes);
            channel.Recycle(request);
            return false;
        }

        byte* message = ((DeviceRequestMemory)request.Memory).Message;
        InHeader header = *(InHeader*)message;
        int restBytes = lengthBytes - sizeof(InHeader);
        int argumentBytes = Math.Min(RequestShape.ArgumentBytes(header.Opcode), restBytes);
        byte* arguments = message + sizeof(InHeader);
        request.Begin(channel, header, arguments, argumentBytes, arguments + argumentBytes, restBytes - argumentBytes);

        // Known to be under way first, then the look; who leaves does it the other way round, so one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (pool.IsLeft)
        {
            request.Abandon();
            return false;
        }

        isWellFormed = header.Length == (uint)lengthBytes;
        return true;
    }
}
