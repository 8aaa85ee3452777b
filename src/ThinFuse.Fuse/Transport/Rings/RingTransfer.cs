using System.Diagnostics;
using System.Numerics;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Transport.Rings.Wire;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>
/// Carries out the plan of an entry's request with reads and writes of the ring, several at once. Used by the ring's own thread. Short results are
/// continued. While it is under way, the request counts as being handled.
/// </summary>
internal sealed unsafe class RingTransfer(IRingSubmitter ring, int index, FuseDispatcher dispatcher)
{
    /// <summary>Most operations of one plan at once; bounds what a ring must hold.</summary>
    public const int SlotCount = 8;

    private const uint AllFree = (1u << SlotCount) - 1;

    private readonly IRingSubmitter _ring = ring;
    private readonly int _index = index;
    private readonly FuseDispatcher _dispatcher = dispatcher;
    private readonly int[] _segments = new int[SlotCount];
    private readonly int[] _doneBytes = new int[SlotCount];
    private FuseRequest? _request;
    private FuseTransferPlan? _plan;
    private IFuseMoveCompletion? _completion;
    private uint _free = AllFree;
    private int _next;
    private int _errno;

    /// <summary>Starts; the completion is told inline when there is nothing to wait for.</summary>
    public void Begin(FuseRequest request, FuseTransferPlan plan, IFuseMoveCompletion completion)
    {
        _request = request;
        _plan = plan;
        _next = 0;
        _errno = 0;
        SubmitMore();
        if (_free == AllFree)
        {
            _plan = null;
            _request = null;
            completion.OnMoved(request, 0);
        }
        else
        {
            bool isPinned = request.TryPin();
            Debug.Assert(isPinned, "A request is not answered before its data has moved.");
            _completion = completion;
        }
    }

    /// <summary>An operation has completed.</summary>
    public void Completed(int slot, int result)
    {
        if (result == -FuseErrno.EINTR || (result > 0 && (_doneBytes[slot] += result) < _plan!.Segments[_segments[slot]].LengthBytes))
        {
            Submit(slot);
            return;
        }

        if (result == 0)
        {
            ReachedEnd(slot);
        }
        else if (result < 0 && _errno == 0)
        {
            _errno = -result;
        }

        _free |= 1u << slot;
        SubmitMore();
        if (_free == AllFree)
        {
            IFuseMoveCompletion completion = _completion!;
            FuseRequest request = _request!;
            _completion = null;
            _plan = null;
            _request = null;
            _dispatcher.Moved(request, completion, _errno);
            request.Unpin();
        }
    }

    /// <summary>Nothing was moved: a file reads as zeros past its end unless it must be whole, and what cannot be written has failed.</summary>
    private void ReachedEnd(int slot)
    {
        FuseTransferSegment segment = _plan!.Segments[_segments[slot]];
        if (_plan.Direction == FuseTransferDirection.FromFiles && !segment.MustBeWhole)
        {
            int doneBytes = _doneBytes[slot];
            new Span<byte>(_request!.Memory.Data + segment.BufferOffsetBytes + doneBytes, segment.LengthBytes - doneBytes).Clear();
        }
        else if (_errno == 0)
        {
            _errno = FuseErrno.EIO;
        }
    }

    private void SubmitMore()
    {
        while (_errno == 0 && _free != 0 && _next < _plan!.Count)
        {
            FuseTransferSegment segment = _plan.Segments[_next];
            if (segment.IsZero)
            {
                new Span<byte>(_request!.Memory.Data + segment.BufferOffsetBytes, segment.LengthBytes).Clear();
            }
            else
            {
                int slot = BitOperations.TrailingZeroCount(_free);
                _free &= _free - 1;
                _segments[slot] = _next;
                _doneBytes[slot] = 0;
                Submit(slot);
            }

            _next++;
        }
    }

    private void Submit(int slot)
    {
        FuseTransferSegment segment = _plan!.Segments[_segments[slot]];
        int doneBytes = _doneBytes[slot];
        SubmissionEntry* submission = _ring.AddTransfer();
        submission->Opcode = _plan.Direction == FuseTransferDirection.ToFiles ? SubmissionOpcode.Write : SubmissionOpcode.Read;
        submission->File = segment.FileDescriptor;
        submission->Flags = segment.MayHoldUp ? SubmissionEntry.ByWorker : (byte)0;
        submission->FileOffset = segment.FileOffsetBytes + doneBytes;
        submission->Address = (ulong)(_request!.Memory.Data + segment.BufferOffsetBytes + doneBytes);
        submission->Length = (uint)(segment.LengthBytes - doneBytes);
        submission->Tag = new RingTag(RingTagKind.Transfer, _index, slot).ToWire();
    }
}
