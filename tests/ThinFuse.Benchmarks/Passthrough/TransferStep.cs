using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Benchmarks.Passthrough;

/// <summary>Answers a READ or WRITE when its data has moved.</summary>
internal sealed class TransferStep(TransferSteps steps) : IFuseMoveCompletion
{
    /// <summary>Bytes moved.</summary>
    public int LengthBytes { get; set; }

    /// <inheritdoc/>
    public void OnMoved(FuseRequest request, int errno)
    {
        int lengthBytes = LengthBytes;
        steps.Return(this);
        if (errno != 0)
        {
            request.ReplyError(errno);
        }
        else if (request.Opcode == FuseOpcode.Write)
        {
            request.ReplyWritten(lengthBytes);
        }
        else
        {
            request.ReplyData(lengthBytes);
        }
    }
}
