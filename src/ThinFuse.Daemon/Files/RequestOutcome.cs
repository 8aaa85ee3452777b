using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Metrics;
using ThinFuse.Fuse.Serving;

namespace ThinFuse.Daemon.Files;

/// <summary>Answers requests that fail: counts them, and logs what an operator must hear of. Thread-safe.</summary>
internal sealed class RequestOutcome(RequestCounters counters, ILogger logger)
{
    /// <summary>The counters, for what succeeds.</summary>
    public RequestCounters Counters => counters;

    /// <summary>Answers with an errno that is the caller's concern.</summary>
    public void Refuse(FuseRequest request, int errno)
    {
        counters.Failed(request.Opcode, errno);
        request.ReplyError(errno);
    }

    /// <summary>Answers with the errno that stands for the exception.</summary>
    public void Fail(FuseRequest request, Exception exception)
    {
        int errno = EngineErrno.Of(exception, out bool isExpected);
        if (!isExpected)
        {
            LogFailure(request, errno, exception);
        }

        Refuse(request, errno);
    }

    /// <summary>Answers a READ or WRITE whose data could not be moved.</summary>
    public void FailTransfer(FuseRequest request, int errno)
    {
        int told = EngineErrno.OfTransfer(errno);
        LogFailure(request, told, new FuseException(errno, $"moving data between request and node: {Fuse.Wire.FuseErrno.Describe(errno)}"));
        Refuse(request, told);
    }

    private void LogFailure(FuseRequest request, int errno, Exception exception) =>
        logger.LogError(
            exception,
            "{Opcode} of inode {NodeId} is answered with errno {Errno}: {Reason}",
            request.Opcode,
            request.NodeId,
            errno,
            exception.Message);
}
