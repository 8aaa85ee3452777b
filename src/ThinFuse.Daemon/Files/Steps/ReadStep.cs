using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files.Steps;

/// <summary>A READ on its way: map, move, finish, reply. Reused; one thread at a time, but not always the same.</summary>
/// <remarks>A read that the transport cannot move goes on from the thread pool when it came on a thread that must not block.</remarks>
internal sealed class ReadStep(StepPool<ReadStep> pool, RequestOutcome outcome) : IFuseMoveCompletion, IThreadPoolWorkItem
{
    private FuseRequest? _request;
    private VolumeHandle? _volume;
    private ReadOperation? _operation;
    private int _lengthBytes;
    private int _faultErrno;

    /// <summary>Starts; the request is answered before this returns or later, also when something throws.</summary>
    public void Start(FuseRequest request, OpenVolumeFile file, long offsetBytes, int lengthBytes)
    {
        _volume = file.Volume.Handle;
        _request = request;
        try
        {
            ReadOperation operation = _volume.RentRead();
            _operation = operation;
            _lengthBytes = _volume.MapRead(operation, offsetBytes, lengthBytes);
            if (operation.CanMoveDirect(request.ReadBuffer[.._lengthBytes])
                && TransferPlanning.TryFill(request.TransferPlan, operation.Segments))
            {
                request.Move(request.TransferPlan, this);
                return;
            }

            if (request.ThreadMustNotBlock)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }
        catch (Exception exception)
        {
            End();
            outcome.Fail(request, exception);
            return;
        }

        Execute();
    }

    /// <summary>Has the engine move the data, on this thread.</summary>
    public void Execute()
    {
        FuseRequest request = _request!;
        if (_faultErrno != 0)
        {
            ReplyUpToFault(request);
            return;
        }

        try
        {
            _operation!.Move(request.ReadBuffer[.._lengthBytes]);
        }
        catch (StorageException exception) when (exception.IsMediumError && request.MayBeShort)
        {
            _faultErrno = exception.ErrorNumber;
            ReplyUpToFault(request);
            return;
        }
        catch (Exception exception)
        {
            End();
            outcome.Fail(request, exception);
            return;
        }

        OnMoved(request, 0);
    }

    /// <inheritdoc/>
    public void OnMoved(FuseRequest request, int errno)
    {
        int lengthBytes = _lengthBytes;
        if (errno != 0)
        {
            _operation!.NoteFault(errno);
            MeetFault(request, errno);
            return;
        }

        End();
        outcome.Counters.Read(lengthBytes);
        request.ReplyData(lengthBytes);
    }

    /// <summary>What the disk can read in front of the fault is the caller's; what follows is I/O.</summary>
    private void MeetFault(FuseRequest request, int errno)
    {
        if (!request.MayBeShort || !Errno.IsMediumError(errno))
        {
            End();
            outcome.FailTransfer(request, errno);
            return;
        }

        _faultErrno = errno;
        if (request.ThreadMustNotBlock)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            ReplyUpToFault(request);
        }
    }

    private void ReplyUpToFault(FuseRequest request)
    {
        int errno = _faultErrno;
        int doneBytes = _operation!.MoveUpToFault(request.ReadBuffer[.._lengthBytes]);
        End();
        if (doneBytes == 0)
        {
            outcome.FailTransfer(request, errno);
            return;
        }

        outcome.Counters.Read(doneBytes);
        request.ReplyData(doneBytes);
    }

    /// <summary>Lets go of everything; this object belongs to another request afterwards.</summary>
    private void End()
    {
        if (_operation is { } operation)
        {
            operation.Finish();
            _volume!.Return(operation);
        }

        _faultErrno = 0;
        _operation = null;
        _volume = null;
        _request = null;
        pool.Return(this);
    }
}
