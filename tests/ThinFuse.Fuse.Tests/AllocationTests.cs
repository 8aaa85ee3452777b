using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class AllocationTests : IFuseMoveCompletion
{
    private const int Rounds = 2000;
    private const int WarmUp = 200;

    private static readonly Action<FuseRequest> Ignore = _ => { };

    private long _lastAllocatedBytes;
    private long _growthBytes;
    private int _calls;

    [Fact]
    public void Neither_read_nor_write_allocates_managed_memory()
    {
        using FakeKernel kernel = new();
        string path = Path.GetTempFileName();
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        file.SetLength(65536);
        int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
        HookFileSystem fileSystem = new()
        {
            OnRead = request => Serve(request, descriptor, request.ReadBuffer.Length),
            OnWrite = request => Serve(request, descriptor, request.Payload.Length),
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger(), threads: 1);
        byte[] read = kernel.Request(FuseOpcode.Read, 1, Bytes.Of(new ReadIn { Size = 4096 }));
        byte[] write = kernel.Request(FuseOpcode.Write, 1, Bytes.Of(new WriteIn { Size = 4096 }), new byte[4096]);
        for (int i = 0; i < Rounds; i++)
        {
            kernel.SendRaw(read);
            kernel.Receive().Error.Should().Be(0);
            kernel.SendRaw(write);
            kernel.Receive().Error.Should().Be(0);
        }

        _calls.Should().Be(2 * Rounds);
        _growthBytes.Should().BeLessThan(_calls, "that is less than one object for each request; the runtime itself may make one now and then");
    }

    void IFuseMoveCompletion.OnMoved(FuseRequest request, int errno)
    {
        if (errno != 0)
        {
            request.ReplyError(errno);
        }
        else if (request.Opcode == FuseOpcode.Read)
        {
            request.ReplyData(request.ReadBuffer.Length);
        }
        else
        {
            request.ReplyWritten(request.Payload.Length);
        }
    }

    /// <summary>Measures from the middle of one request to the middle of the next, on the only thread there is.</summary>
    private void Serve(FuseRequest request, int descriptor, int lengthBytes)
    {
        long allocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        if (++_calls > WarmUp)
        {
            _growthBytes += allocatedBytes - _lastAllocatedBytes;
        }

        _lastAllocatedBytes = allocatedBytes;
        request.OnInterrupt(Ignore);
        request.TransferPlan.Add(descriptor, 0, 0, lengthBytes / 2);
        request.TransferPlan.Add(descriptor, 32768, lengthBytes / 2, lengthBytes / 2);
        request.Move(request.TransferPlan, this);
    }
}
