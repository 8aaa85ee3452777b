using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;

namespace ThinFuse.Fuse.Transport;

/// <summary>Where a request came from and its answer must go to. All methods may be called from any thread.</summary>
internal interface IFuseChannel
{
    /// <summary>Whether the calling thread serves others too, so that what would block it belongs on another.</summary>
    bool ThreadMustNotBlock { get; }

    /// <summary>See <see cref="FuseRequest.TryHold"/>.</summary>
    bool TryHold();

    /// <summary>
    /// Sends the answer: the out header, then <paramref name="bodyBytes"/> of the request's body area, then <paramref name="dataBytes"/>
    /// of its data area. Never throws: an answer that the kernel no longer wants is dropped; one that it refuses is logged, and EIO sent instead.
    /// </summary>
    /// <param name="request">The request; its areas stay untouched until the call returns.</param>
    /// <param name="errno">0, or a positive errno; then there is no body and no data.</param>
    /// <param name="bodyBytes">Length of the body.</param>
    /// <param name="dataBytes">Length of the data.</param>
    void Send(FuseRequest request, int errno, int bodyBytes, int dataBytes);

    /// <summary>Carries out a plan and reports to the completion, inline or later; see <see cref="IFuseMoveCompletion.OnMoved"/>.</summary>
    void Move(FuseRequest request, FuseTransferPlan plan, IFuseMoveCompletion completion);

    /// <summary>Takes back a request that is answered and that nobody looks at any more.</summary>
    void Recycle(FuseRequest request);
}
