using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Transport.Shares;

namespace ThinFuse.Fuse.Transport;

/// <summary>One descriptor of the device, and the loop of the thread that reads it and handles what it has read.</summary>
internal sealed class DeviceChannel(
    SafeFileHandle device, FuseRequestPool pool, SharedMover mover, FuseDispatcher dispatcher, ILogger logger) : IFuseChannel
{
    private readonly FuseRequestPool _pool = pool;
    private readonly DeviceReader _reader = new(device, pool, logger);
    private readonly DeviceWriter _writer = new(device, pool, logger);

    /// <summary>The request that was recycled last: the next one needs no visit to the pool.</summary>
    private FuseRequest? _spare;

    public bool ThreadMustNotBlock => false;

    /// <summary>Reads and dispatches requests until the connection ends.</summary>
    /// <returns>0 when it ended; else the errno that the device failed with.</returns>
    public int Serve()
    {
        while (!_pool.IsLeft)
        {
            FuseRequest request = Interlocked.Exchange(ref _spare, null) ?? _pool.Rent();
            DeviceReadOutcome outcome = _reader.Read(request, out int lengthBytes);
            if (outcome == DeviceReadOutcome.Received)
            {
                if (_reader.TryBegin(request, this, lengthBytes, out bool isWellFormed))
                {
                    dispatcher.Dispatch(request, isWellFormed);
                }

                continue;
            }

            Recycle(request);
            if (outcome is DeviceReadOutcome.Over or DeviceReadOutcome.Failed)
            {
                return _reader.Failure;
            }
        }

        return 0;
    }

    public bool TryHold() => false;

    public void Send(FuseRequest request, int errno, int bodyBytes, int dataBytes) => _writer.Send(request, errno, bodyBytes, dataBytes);

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
}
