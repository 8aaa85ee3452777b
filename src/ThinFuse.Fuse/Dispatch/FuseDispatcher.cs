using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Transport;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Dispatch;

/// <summary>
/// Takes a received request apart and calls the file system. Nothing that a request or a handler does goes past this class: each request is
/// answered, refused, or in the file system's hands when <see cref="Dispatch"/> returns.
/// </summary>
/// <remarks>The methods behind the switch return false when the request is malformed, and then have not called the file system.</remarks>
internal sealed partial class FuseDispatcher(FuseFileSystem fileSystem, InterruptRouter interrupts, ILogger logger)
{
    private readonly FuseFileSystem _fileSystem = fileSystem;
    private readonly InterruptRouter _interrupts = interrupts;
    private readonly ILogger _logger = logger;

    /// <summary>Handles a request that has begun its life. Does not throw.</summary>
    /// <param name="request">The request; the handler's pin is removed.</param>
    /// <param name="wellFormed">Whether its header tells its true length.</param>
    public void Dispatch(FuseRequest request, bool wellFormed)
    {
        try
        {
            _interrupts.Arrived(request);
            if (!wellFormed || !Route(request))
            {
                FuseLog.Malformed(_logger, request.Opcode, request.Unique, request.NodeId);
                RefuseIfUnanswered(request, FuseErrno.EINVAL);
            }
        }
        catch (Exception exception)
        {
            Failed(request, exception);
        }
        finally
        {
            if (!RequestShape.WantsAnswer(request.Opcode))
            {
                request.EndUnanswered();
            }

            request.Unpin();
        }
    }

    /// <summary>Has the file system make true what answers say that were held. Does not throw.</summary>
    /// <returns>Whether they may go out as they are.</returns>
    public bool TrySettle()
    {
        try
        {
            _fileSystem.Settle();
            return true;
        }
        catch (Exception exception)
        {
            FuseLog.SettleFailed(_logger, exception);
            return false;
        }
    }

    /// <summary>Reports a move that ended after the handler had returned. Does not throw.</summary>
    public void Moved(FuseRequest request, IFuseMoveCompletion completion, int errno)
    {
        // Unanswered, so it can be pinned; the completion may answer it and is then looked at no more than a handler is.
        bool isPinned = request.TryPin();
        Debug.Assert(isPinned, "A request is not answered before its data has moved.");
        try
        {
            completion.OnMoved(request, errno);
        }
        catch (Exception exception)
        {
            Failed(request, exception);
        }
        finally
        {
            if (isPinned)
            {
                request.Unpin();
            }
        }
    }

    private bool Route(FuseRequest request) => request.Opcode switch
    {
        FuseOpcode.Lookup => Lookup(request),
        FuseOpcode.Forget => Forget(request),
        FuseOpcode.BatchForget => BatchForget(request),
        FuseOpcode.GetAttributes => GetAttributes(request),
        FuseOpcode.SetAttributes => SetAttributes(request),
        FuseOpcode.ReadLink => ReadLink(request),
        FuseOpcode.MakeNode => MakeNode(request),
        FuseOpcode.Unlink => Unlink(request),
        FuseOpcode.Rename => Rename(request),
        FuseOpcode.Rename2 => Rename2(request),
        FuseOpcode.Open => Open(request),
        FuseOpcode.Create => Create(request),
        FuseOpcode.Read => Read(request),
        FuseOpcode.Write => Write(request),
        FuseOpcode.Flush => Flush(request),
        FuseOpcode.Release or FuseOpcode.ReleaseDirectory => Release(request),
        FuseOpcode.Fsync or FuseOpcode.FsyncDirectory => Fsync(request),
        FuseOpcode.Fallocate => Allocate(request),
        FuseOpcode.Poll => Poll(request),
        FuseOpcode.Seek => Seek(request),
        FuseOpcode.CopyFileRange or FuseOpcode.CopyFileRange64 => CopyRange(request),
        FuseOpcode.OpenDirectory => OpenDirectory(request),
        FuseOpcode.ReadDirectory or FuseOpcode.ReadDirectoryPlus => ReadDirectory(request),
        FuseOpcode.StatFs => GetStatistics(request),
        FuseOpcode.GetExtendedAttribute => GetExtendedAttribute(request),
        FuseOpcode.ListExtendedAttributes => ListExtendedAttributes(request),
        FuseOpcode.SetExtendedAttribute => SetExtendedAttribute(request),
        FuseOpcode.RemoveExtendedAttribute => RemoveExtendedAttribute(request),
        FuseOpcode.Access => CheckAccess(request),
        FuseOpcode.Interrupt => Interrupt(request),
        FuseOpcode.Destroy => Answer(request, 0),
        FuseOpcode.MakeDirectory or FuseOpcode.RemoveDirectory or FuseOpcode.Link or FuseOpcode.SymbolicLink => Answer(request, FuseErrno.EPERM),
        FuseOpcode.Ioctl => Answer(request, FuseErrno.ENOTTY),
        FuseOpcode.Init => Answer(request, FuseErrno.EIO),
        _ => Answer(request, FuseErrno.ENOSYS),
    };

    private static bool Answer(FuseRequest request, int errno)
    {
        if (errno == 0)
        {
            request.ReplyOk();
        }
        else
        {
            request.ReplyError(errno);
        }

        return true;
    }

    private bool Interrupt(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out InterruptIn interrupt))
        {
            return false;
        }

        _interrupts.Interrupt(interrupt.Unique);
        return true;
    }

    private void Failed(FuseRequest request, Exception exception)
    {
        int errno = exception is FuseException { ErrorNumber: int chosen } ? chosen : FuseErrno.EIO;
        if (!RefuseIfUnanswered(request, errno))
        {
            FuseLog.HandlerThrewAfterAnswer(_logger, request.Opcode, request.NodeId, exception);
        }
        else if (exception is FuseException)
        {
            FuseLog.HandlerRefused(_logger, request.Opcode, request.NodeId, errno, exception);
        }
        else
        {
            FuseLog.HandlerThrew(_logger, request.Opcode, request.NodeId, errno, exception);
        }
    }

    private static bool RefuseIfUnanswered(FuseRequest request, int errno) =>
        !RequestShape.WantsAnswer(request.Opcode) || request.TryReplyError(errno);
}
