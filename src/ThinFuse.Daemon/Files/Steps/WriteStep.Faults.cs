using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool.Operations;

namespace ThinFuse.Daemon.Files.Steps;

/// <summary>What a write does when the disk below the pool does not take its data.</summary>
internal sealed partial class WriteStep
{
    private bool _hostIsFull;
    private int _faultErrno;

    /// <summary>The host below the pool has no room for the data. What follows is I/O.</summary>
    private void MeetFullHost(FuseRequest request)
    {
        _hostIsFull = true;
        GoOnWhereItMayBlock(request);
    }

    private void GoOnWhereItMayBlock(FuseRequest request)
    {
        if (request.ThreadMustNotBlock)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            Advance();
        }
    }

    /// <summary>Whether a write that met a full host may try again at once; if not it waits, as the pool's policy says, or is answered.</summary>
    private bool MayMapAgain(FuseRequest request, WriteOperation operation)
    {
        _hostIsFull = false;
        _isMapped = false;
        request.TransferPlan.Reset(FuseTransferDirection.ToFiles);
        if (_volume!.MeetFullHost(operation, this) == MapOutcome.Parked)
        {
            return !TryPark(request);
        }

        End();
        outcome.Refuse(request, FuseErrno.ENOSPC);
        return false;
    }

    /// <summary>The disk below the pool has refused the data. What follows is I/O.</summary>
    private void MeetFault(FuseRequest request, int errno)
    {
        _faultErrno = errno;
        GoOnWhereItMayBlock(request);
    }

    /// <summary>Has the engine get what is bad out of the way; false when the write is to be mapped again.</summary>
    private bool IsAnsweredAfterFault(FuseRequest request, WriteOperation operation)
    {
        int errno = _faultErrno;
        _faultErrno = 0;
        switch (_volume!.MeetFault(operation, request.Payload, errno))
        {
            case FaultOutcome.Moved:
                Finish(request);
                return true;
            case FaultOutcome.MapAgain:
                _isMapped = false;
                request.TransferPlan.Reset(FuseTransferDirection.ToFiles);
                return false;
            default:
                End();
                outcome.FailTransfer(request, errno);
                return true;
        }
    }
}
