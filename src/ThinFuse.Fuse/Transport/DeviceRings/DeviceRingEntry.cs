using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.DeviceRings;

/// <summary>
/// A request that a ring's thread has read from the device, until its answer is written, which is when nobody looks at the request any more. Reused.
/// </summary>
internal sealed class DeviceRingEntry : IFuseChannel, IRingWork
{
    private readonly DeviceRing _ring;
    private readonly RingMover _mover;
    private FuseRequest? _request;
    private DeviceWriter? _writer;
    private bool _isWellFormed;
    private bool _isAnswered;
    private bool _isHeld;
    private int _errno;
    private int _bodyBytes;
    private int _dataBytes;

    public DeviceRingEntry(DeviceRing ring, int index)
    {
        _ring = ring;
        _mover = new RingMover(ring, index, ring.Dispatcher);
    }

    public RingTransfer Transfer => _mover.Transfer;

    public bool ThreadMustNotBlock => _ring.IsOwnThread;

    /// <summary>A message has been read.</summary>
    /// <param name="request">Has it in its memory.</param>
    /// <param name="lengthBytes">Of the message.</param>
    /// <param name="reader">Has read it.</param>
    /// <param name="writer">Takes its answer.</param>
    /// <returns>Whether there is something to do.</returns>
    public bool TryReceive(FuseRequest request, int lengthBytes, DeviceReader reader, DeviceWriter writer)
    {
        _writer = writer;
        _request = request;
        _isAnswered = false;
        _isHeld = false;
        return reader.TryBegin(request, this, lengthBytes, out _isWellFormed);
    }

    /// <summary>READ, WRITE and INTERRUPT are handled by the ring's own thread, and may wait for the ring; everything else may block.</summary>
    public void Begin()
    {
        FuseRequest request = _request!;
        if (request.Opcode is FuseOpcode.Read or FuseOpcode.Write or FuseOpcode.Interrupt)
        {
            _ring.Dispatcher.Dispatch(request, _isWellFormed);
        }
        else
        {
            _ring.DoWhatMayBlock(this);
        }
    }

    /// <summary>What the ring's own thread has left: it may block.</summary>
    public void Work()
    {
        FuseRequest request = _request!;
        if (!_mover.TryFinish(request))
        {
            _ring.Dispatcher.Dispatch(request, _isWellFormed);
        }
    }

    public bool TryHold()
    {
        _isHeld |= _ring.IsOwnThread;
        return _isHeld;
    }

    public void Send(FuseRequest request, int errno, int bodyBytes, int dataBytes)
    {
        _errno = errno;
        _bodyBytes = bodyBytes;
        _dataBytes = dataBytes;
        _isAnswered = true;
    }

    public void Move(FuseRequest request, FuseTransferPlan plan, IFuseMoveCompletion completion)
    {
        if (!_mover.TryMove(request, plan, completion))
        {
            _ring.DoWhatMayBlock(this);
        }
    }

    public void Recycle(FuseRequest request) => _ring.Finish(this);

    /// <summary>Gives the kernel the answer, if there is one; the entry stands for nothing then.</summary>
    /// <param name="isSettled">Whether what it says is true, if it was held.</param>
    /// <returns>The request, to be used again.</returns>
    public FuseRequest Write(bool isSettled)
    {
        FuseRequest request = _request!;
        _request = null;
        if (_isAnswered && _isHeld && !isSettled && _errno == 0)
        {
            _writer!.Send(request, FuseErrno.EIO, 0, 0);
        }
        else if (_isAnswered)
        {
            _writer!.Send(request, _errno, _bodyBytes, _dataBytes);
        }

        return request;
    }
}
