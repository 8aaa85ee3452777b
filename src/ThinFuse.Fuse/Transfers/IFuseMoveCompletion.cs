using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Transfers;

/// <summary>Told when the data of a request has been moved.</summary>
public interface IFuseMoveCompletion
{
    /// <summary>
    /// The move has ended, and the file system now answers the request. Called exactly once per move, inline on the thread that
    /// called <see cref="FuseRequest.Move"/> or later on a thread of the transport, which it must not block.
    /// An exception is logged and answered like one of a handler.
    /// </summary>
    /// <param name="request">The request whose data moved.</param>
    /// <param name="errno">0 when all of it moved; else the errno of the first failure, and any part may have moved.</param>
    void OnMoved(FuseRequest request, int errno);
}
