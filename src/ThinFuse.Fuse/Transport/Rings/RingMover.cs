using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>Carries out the plans of an entry's requests, one at a time, by the means that suit the file and the thread.</summary>
internal sealed unsafe class RingMover(IRingSubmitter ring, int index, FuseDispatcher dispatcher)
{
    /// <summary>Told when what was left has been carried out; null when nothing is left.</summary>
    private IFuseMoveCompletion? _leftMove;
    private FuseTransferPlan? _leftPlan;

    /// <summary>What the ring does of it, and is told of.</summary>
    public RingTransfer Transfer { get; } = new(ring, index, dispatcher);

    /// <summary>Moves, now or by way of the ring.</summary>
    /// <returns>False when it would block the ring's own thread: a thread that may block calls <see cref="TryFinish"/>.</returns>
    public bool TryMove(FuseRequest request, FuseTransferPlan plan, IFuseMoveCompletion completion)
    {
        if (!request.ThreadMustNotBlock)
        {
            completion.OnMoved(request, InlineMover.Run(plan, request.Memory.Data));
        }
        else if (plan.IsDirect)
        {
            Transfer.Begin(request, plan, completion);
        }
        else if (CachedMover.TryRun(plan, request.Memory.Data, out int errno))
        {
            completion.OnMoved(request, errno);
        }
        else
        {
            _leftPlan = plan;
            _leftMove = completion;
            return false;
        }

        return true;
    }

    /// <summary>Carries out what was left; false when nothing is. Blocks, and does not throw.</summary>
    public bool TryFinish(FuseRequest request)
    {
        if (_leftMove is not { } completion)
        {
            return false;
        }

        int errno = InlineMover.Run(_leftPlan!, request.Memory.Data);
        _leftMove = null;
        _leftPlan = null;
        dispatcher.Moved(request, completion, errno);
        return true;
    }
}
