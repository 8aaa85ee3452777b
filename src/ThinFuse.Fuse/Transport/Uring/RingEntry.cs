using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Transport.Uring.Wire;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>
/// One entry of a queue: it fetches a request, carries its answer, and fetches the next into the same memory. The answer is therefore committed
/// only when nobody looks at the request any more: its handler has returned, too.
/// </summary>
internal sealed unsafe class RingEntry : IFuseChannel, IRingWork
{
    private readonly RingQueue _queue;
    private readonly RingRequestMemory _memory;
    private readonly RingMover _mover;
    private readonly FuseRequest _request;
    private bool _wellFormed;
    private bool _isAnswered;
    private bool _isHeld;

    public RingEntry(RingQueue queue, int index, RingRequestMemory memory)
    {
        _queue = queue;
        _memory = memory;
        Index = index;
        _request = new FuseRequest(memory);
        _mover = new RingMover(queue, index, queue.Dispatcher);
    }

    public int Index { get; }

    public FuseRequest Request => _request;

    public RingTransfer Transfer => _mover.Transfer;

    public RingRequestMemory Memory => _memory;

    /// <summary>The number that the answer is committed under; 0 before the first request.</summary>
    public ulong CommitId { get; private set; }

    /// <summary>The mailbox's link.</summary>
    public RingEntry? NextPosted { get; set; }

    public bool ThreadMustNotBlock => _queue.IsOwnThread;

    public bool TryHold()
    {
        _isHeld = true;
        return true;
    }

    /// <summary>What held the answer has failed: it becomes EIO, if it was held and says otherwise.</summary>
    public void RefuseHeld()
    {
        if (_isHeld && _memory.Header->Out.Error == 0)
        {
            Send(_request, FuseErrno.EIO, 0, 0);
        }
    }

    /// <summary>A request has been fetched: READ and WRITE are handled here, everything else, which may block, by a worker.</summary>
    public void Receive()
    {
        RingRequestHeader* header = _memory.Header;
        InHeader head = header->In;
        CommitId = header->CommitId;
        uint payloadBytes = header->PayloadLength;
        long argumentBytes = head.Length - sizeof(InHeader) - (long)payloadBytes;
        _wellFormed = payloadBytes <= FuseRequest.DataCapacityBytes && argumentBytes is >= 0 and <= RingRequestHeader.ArgumentCapacityBytes
            && RequestShape.WantsAnswer(head.Opcode);
        _isAnswered = false;
        _isHeld = false;
        byte* arguments = (byte*)header + RingRequestHeader.ArgumentsAt;
        _request.Begin(this, head, arguments, _wellFormed ? (int)argumentBytes : 0, _memory.Data, _wellFormed ? (int)payloadBytes : 0);
        if (head.Opcode is FuseOpcode.Read or FuseOpcode.Write)
        {
            _queue.Dispatcher.Dispatch(_request, _wellFormed);
        }
        else
        {
            _queue.Workers.Add(this);
        }
    }

    /// <summary>What the queue's own thread left to a worker.</summary>
    public void Work()
    {
        if (!_mover.TryFinish(_request))
        {
            _queue.Dispatcher.Dispatch(_request, _wellFormed);
        }
    }

    public void Send(FuseRequest request, int errno, int bodyBytes, int dataBytes)
    {
        RingRequestHeader* header = _memory.Header;
        header->Out = new OutHeader { Length = (uint)(sizeof(OutHeader) + bodyBytes + dataBytes), Error = -errno, Unique = request.Unique };
        header->PayloadLength = (uint)(bodyBytes + dataBytes);
        _isAnswered = true;
        GC.KeepAlive(this);
    }

    public void Move(FuseRequest request, FuseTransferPlan plan, IFuseMoveCompletion completion)
    {
        if (!_mover.TryMove(request, plan, completion))
        {
            _queue.Workers.Add(this);
        }
    }

    public void Recycle(FuseRequest request)
    {
        if (!_isAnswered)
        {
            // It should never have come this way, but its entry must.
            Send(request, FuseErrno.EIO, 0, 0);
        }

        _queue.Commit(this);
    }
}
