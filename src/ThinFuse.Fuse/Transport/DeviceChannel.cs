using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Transport.Shares;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport;

/// <summary>
/// One descriptor of the device, and the loop of the thread that reads it. The kernel keeps the requests that a descriptor has read in a list of that
/// descriptor, so their answers are written to it and to no other.
/// </summary>
internal sealed unsafe class DeviceChannel(
    SafeFileHandle device, FuseRequestPool pool, SharedMover mover, FuseDispatcher dispatcher, ILogger logger) : IFuseChannel
{
    /// <summary>EPIPE: the other end of a socket was closed.</summary>
    private const int BrokenPipe = 32;

    private readonly SafeFileHandle _device = device;
    private readonly FuseRequestPool _pool = pool;
    private readonly FuseDispatcher _dispatcher = dispatcher;
    private readonly ILogger _logger = logger;

    /// <summary>The request that was recycled last: the next one needs no visit to the pool.</summary>
    private FuseRequest? _spare;

    /// <summary>Reads and dispatches requests until the connection ends.</summary>
    /// <returns>0 when it ended; else the errno that the device failed with.</returns>
    public int Serve()
    {
        while (!_pool.IsLeft)
        {
            FuseRequest request = Interlocked.Exchange(ref _spare, null) ?? _pool.Rent();
            nint received = Libc.Read(_device, MemoryOf(request).Message, DeviceRequestMemory.ReceiveCapacityBytes);
            int errno = received < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (received > 0)
            {
                Receive(request, (int)received);
                continue;
            }

            Recycle(request);
            switch (errno)
            {
                // ENOENT: the request was withdrawn while it was being read.
                case FuseErrno.EINTR or FuseErrno.EAGAIN or FuseErrno.ENOENT:
                    continue;

                // 0: the other end of a socket was closed.
                case 0 or FuseErrno.ENODEV or FuseErrno.ECONNABORTED:
                    return 0;
                default:
                    FuseLog.DeviceFailed(_logger, errno);
                    return errno;
            }
        }

        return 0;
    }

    public void Send(FuseRequest request, int errno, int bodyBytes, int dataBytes)
    {
        if (_pool.IsSilent)
        {
            return;
        }

        DeviceRequestMemory memory = MemoryOf(request);
        int headBytes = sizeof(OutHeader) + bodyBytes;
        *memory.OutHeader = new OutHeader { Length = (uint)(headBytes + dataBytes), Error = -errno, Unique = request.Unique };
        IoVector* vectors = stackalloc IoVector[2];
        vectors[0] = new IoVector { Address = memory.OutHeader, LengthBytes = (nuint)headBytes };
        vectors[1] = new IoVector { Address = memory.Data, LengthBytes = (nuint)dataBytes };
        int failure = Write(vectors, dataBytes == 0 ? 1 : 2);
        if (!IsSettled(failure))
        {
            FuseLog.AnswerRefused(_logger, request.Opcode, request.NodeId, request.Unique, failure);
            *memory.OutHeader = new OutHeader { Length = (uint)sizeof(OutHeader), Error = -FuseErrno.EIO, Unique = request.Unique };
            vectors[0].LengthBytes = (nuint)sizeof(OutHeader);
            failure = Write(vectors, 1);
            if (!IsSettled(failure))
            {
                FuseLog.AnswerRefused(_logger, request.Opcode, request.NodeId, request.Unique, failure);
            }
        }

        // The kernel has read the memory by address only.
        GC.KeepAlive(request);
    }

    public bool ThreadMustNotBlock => false;

    public bool TryHold() => false;

    public void Move(FuseRequest request, FuseTransferPlan plan, IFuseMoveCompletion completion) =>
        mover.Move(request, plan, completion);

    public void Recycle(FuseRequest request)
    {
        if (Interlocked.CompareExchange(ref _spare, request, null) != null)
        {
            _pool.Return(request);
        }
    }

    /// <summary>Gives the spare request back; after this nothing is received.</summary>
    public void Close()
    {
        FuseRequest? spare = Interlocked.Exchange(ref _spare, null);
        if (spare != null)
        {
            _pool.Return(spare);
        }
    }

    /// <summary>Whether nobody waits any more. ENOENT: the kernel has given the request up. The others: the connection is over.</summary>
    private static bool IsSettled(int failure) =>
        failure is 0 or FuseErrno.ENOENT or FuseErrno.ENODEV or FuseErrno.ECONNABORTED or FuseErrno.ENOTCONN or BrokenPipe;

    private static DeviceRequestMemory MemoryOf(FuseRequest request) => (DeviceRequestMemory)request.Memory;

    private int Write(IoVector* vectors, int count)
    {
        try
        {
            while (Libc.WriteVector(_device, vectors, count) < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno != FuseErrno.EINTR)
                {
                    return errno;
                }
            }

            return 0;
        }
        catch (ObjectDisposedException)
        {
            return FuseErrno.ENODEV;
        }
    }

    private void Receive(FuseRequest request, int lengthBytes)
    {
        if (lengthBytes < sizeof(InHeader))
        {
            FuseLog.TooShort(_logger, lengthBytes);
            Recycle(request);
            return;
        }

        byte* message = MemoryOf(request).Message;
        InHeader header = *(InHeader*)message;
        int restBytes = lengthBytes - sizeof(InHeader);
        int argumentBytes = Math.Min(RequestShape.ArgumentBytes(header.Opcode), restBytes);
        byte* arguments = message + sizeof(InHeader);
        request.Begin(this, header, arguments, argumentBytes, arguments + argumentBytes, restBytes - argumentBytes);

        // Known to be under way first, then the look; who leaves does it the other way round, so one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (_pool.IsLeft)
        {
            request.Abandon();
            return;
        }

        _dispatcher.Dispatch(request, wellFormed: header.Length == (uint)lengthBytes);
    }
}
