using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>What the thread of a ring allocates from request to request.</summary>
[Collection(MountsCollection.Name)]
public abstract class RingAllocationTests : IFuseMoveCompletion, IDisposable
{
    private const int Rounds = 20;
    private const int RequestsPerRound = 200;
    private const int PieceBytes = 4096;

    private static readonly Action<FuseRequest> Ignore = _ => { };

    [ThreadStatic]
    private static long _lastAllocatedBytes;

    [ThreadStatic]
    private static bool _isKnown;

    private readonly DirectFile _file;
    private bool _isDirect;
    private long _growthBytes;
    private int _count;

    private readonly FuseSessionOptions _transport;

    protected RingAllocationTests(FuseSessionOptions transport)
    {
        _transport = transport;
        _file = new DirectFile(Bytes.Pattern(16 * PieceBytes));
    }

    public void Dispose()
    {
        _file.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Neither_read_nor_write_allocates_managed_memory(bool isDirect)
    {
        _isDirect = isDirect;
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnRead = (request, _) => Serve(request, request.ReadBuffer.Length),
            OnWrite = (request, _) => Serve(request, request.Payload.Length),
        });
        byte[] buffer = new byte[2 * PieceBytes];
        long quietest = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            _growthBytes = 0;
            for (int i = 0; i < RequestsPerRound; i++)
            {
                RandomAccess.Read(mount.Handle, buffer, 0).Should().Be(buffer.Length);
                RandomAccess.Write(mount.Handle, buffer, 0);
            }

            quietest = Math.Min(quietest, Volatile.Read(ref _growthBytes));
        }

        _count.Should().Be(2 * Rounds * RequestsPerRound);
        quietest.Should().Be(0, "the runtime itself allocates in some rounds, but not in all");
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

    /// <summary>Measures from the middle of one request to the middle of the next on the same thread.</summary>
    private void Serve(FuseRequest request, int lengthBytes)
    {
        long allocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        Interlocked.Increment(ref _count);
        if (_isKnown)
        {
            Interlocked.Add(ref _growthBytes, allocatedBytes - _lastAllocatedBytes);
        }

        _isKnown = true;
        _lastAllocatedBytes = allocatedBytes;
        request.OnInterrupt(Ignore);
        int descriptor = _isDirect ? _file.Descriptor : _file.CachedDescriptor;
        request.TransferPlan.Add(descriptor, 0, 0, lengthBytes / 2, _isDirect);
        request.TransferPlan.Add(descriptor, 8 * PieceBytes, lengthBytes / 2, lengthBytes / 2, _isDirect);
        request.Move(request.TransferPlan, this);
    }

    private OneFileMount Mount(OneFileSystem fileSystem, CapturingLogger? logger = null) => new(fileSystem, logger, _transport);
}
