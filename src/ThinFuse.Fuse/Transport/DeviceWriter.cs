using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport;

/// <summary>
/// Writes answers to a descriptor of the device. The kernel keeps the requests that a descriptor has read in a list of that descriptor, so their answers are
/// written to it and to no other. Thread-safe.
/// </summary>
internal sealed unsafe class DeviceWriter(SafeFileHandle device, FuseRequestPool pool, ILogger logger)
{
    /// <summary>EPIPE: the other end of a socket was closed.</summary>
    private const int BrokenPipe = 32;

    private readonly SafeFileHandle _device = device;
    private readonly FuseRequestPool _pool = pool;
    private readonly ILogger _logger = logger;

    /// <summary>See <see cref="IFuseChannel.Send"/>; the answer is with the kernel when this returns.</summary>
    public void Send(FuseRequest request, int errno, int bodyBytes, int dataBytes)
    {
        if (_pool.IsSilent)
        {
            return;
        }

        DeviceRequestMemory memory = (DeviceRequestMemory)request.Memory;
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

    /// <summary>Whether nobody waits any more. ENOENT: the kernel has given the request up. The others: the connection is over.</summary>
    private static bool IsSettled(int failure) =>
        failure is 0 or FuseErrno.ENOENT or FuseErrno.ENODEV or FuseErrno.ECONNABORTED or FuseErrno.ENOTCONN or BrokenPipe;

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
}
