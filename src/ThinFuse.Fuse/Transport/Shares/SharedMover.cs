using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;

namespace ThinFuse.Fuse.Transport.Shares;

/// <summary>
/// Carries out plans with pread and pwrite on the threads that ask for it, but for each file on no more than its share of them: the others go on with
/// other requests, and their moves follow on the threads that are at the file. Thread-safe.
/// </summary>
/// <remarks>
/// A plan over several files counts for the first, as whole extents lie in one file and few plans have more. What the file system reads and writes by itself,
/// or has synced, is not counted.
/// </remarks>
internal sealed unsafe class SharedMover(int threadsPerFile, FuseDispatcher dispatcher)
{
    private readonly MoveShares _shares = new(threadsPerFile);

    /// <summary>Moves, now or later on another thread, and tells the completion.</summary>
    public void Move(FuseRequest request, FuseTransferPlan plan, IFuseMoveCompletion completion)
    {
        if (FirstFile(plan) is not { } file)
        {
            completion.OnMoved(request, InlineMover.Run(plan, request.Memory.Data));
            return;
        }

        MoveShare share = _shares.Of(file);
        WaitingMove move = new(request, plan, completion);
        if (!share.TryEnter(move))
        {
            return;
        }

        do
        {
            // What a completion throws is answered there, and ends neither this thread's share nor those that wait.
            dispatcher.Moved(move.Request, move.Completion, InlineMover.Run(move.Plan, move.Request.Memory.Data));
        }
        while (share.TryGoOn(out move));
    }

    private static int? FirstFile(FuseTransferPlan plan)
    {
        foreach (ref readonly FuseTransferSegment segment in plan.Segments)
        {
            if (!segment.IsZero)
            {
                return segment.FileDescriptor;
            }
        }

        return null;
    }
}
