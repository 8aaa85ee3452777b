using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files.Steps;

/// <summary>
/// A WRITE on its way: map, perhaps parked and mapped again, move, publish, reply. Reused; one thread at a time, not always the same.
/// </summary>
/// <remarks>
/// <para>All or nothing: a loop device takes a short write for a whole one.</para>
/// <para>
/// A parked write holds no thread. The engine resumes it on a thread that must not block, so it goes on from the thread pool,
/// where moving the data may block; the reply comes from there. So does a write that must wait for a commit, or that the engine has to move
/// itself, when it came on a thread of the transport that must not block.
/// </para>
/// </remarks>
internal sealed partial class WriteStep(StepPool<WriteStep> pool, RequestOutcome outcome)
    : IParked, IFuseMoveCompletion, IThreadPoolWorkItem
{
    private FuseRequest? _request;
    private OpenVolumeFile? _file;
    private VolumeHandle? _volume;
    private WriteOperation? _operation;
    private long _offsetBytes;
    private bool _isMapped;

    /// <summary>Starts; the request is answered before this returns or later, also when something throws.</summary>
    public void Start(FuseRequest request, OpenVolumeFile file, long offsetBytes)
    {
        _request = request;
        _file = file;
        _volume = file.Volume.Handle;
        _offsetBytes = offsetBytes;
        Advance();
    }

    /// <summary>Goes on in the thread pool.</summary>
    public void Execute() => Advance();

    /// <inheritdoc/>
    public void OnMoved(FuseRequest request, int errno)
    {
        _operation!.NoteMoved(errno);
        if (Errno.IsNoSpace(errno))
        {
            MeetFullHost(request);
            return;
        }

        if (errno != 0)
        {
            MeetFault(request, errno);
            return;
        }

        Finish(request);
    }

    /// <summary>All data is moved.</summary>
    private void Finish(FuseRequest request)
    {
        try
        {
            _operation!.Publish(isDeferred: request.TryHold());
            _file!.MarkChanged();
        }
        catch (Exception exception)
        {
            End();
            outcome.Fail(request, exception);
            return;
        }

        End();
        int lengthBytes = request.Payload.Length;
        outcome.Counters.Wrote(lengthBytes);
        request.ReplyWritten(lengthBytes);
    }

    private void Advance()
    {
        FuseRequest request = _request!;
        try
        {
            WriteOperation operation = _operation ??= _volume!.RentWrite();
            if (_hostIsFull && !MayMapAgain(request, operation))
            {
                return;
            }

            if (_faultErrno != 0 && IsAnsweredAfterFault(request, operation))
            {
                return;
            }

            bool mayBlock = !request.ThreadMustNotBlock;
            if (!_isMapped && !TryMap(request, operation, mayBlock))
            {
                return;
            }

            _isMapped = true;
            if (operation.CanMoveDirect(request.Payload) && TransferPlanning.TryFill(request.TransferPlan, operation.Segments))
            {
                request.Move(request.TransferPlan, this);
                return;
            }

            if (!mayBlock)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            operation.Move(request.Payload);
        }
        catch (StorageException exception) when (_isMapped && exception.IsNoSpace)
        {
            MeetFullHost(request);
            return;
        }
        catch (StorageException exception) when (_isMapped && exception.IsBadPlace)
        {
            MeetFault(request, exception.ErrorNumber);
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

    /// <summary>Maps; false when the write is answered, or goes on elsewhere or later.</summary>
    private bool TryMap(FuseRequest request, WriteOperation operation, bool mayBlock)
    {
        while (true)
        {
            switch (_volume!.MapWrite(operation, _offsetBytes, request.Payload, this, mayBlock))
            {
                case MapOutcome.Ready:
                    return true;
                case MapOutcome.NoSpace:
                    End();
                    outcome.Refuse(request, FuseErrno.ENOSPC);
                    return false;
                case MapOutcome.MustBlock:
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return false;
                default:
                    if (TryPark(request))
                    {
                        return false;
                    }

                    break;
            }
        }
    }

    /// <summary>Lets go of everything; this object belongs to another request afterwards.</summary>
    private void End()
    {
        Release();
        pool.Return(this);
    }

    private void Release()
    {
        if (_operation is { } operation)
        {
            operation.Abort();
            _volume!.Return(operation);
        }

        _isMapped = false;
        _hostIsFull = false;
        _faultErrno = 0;
        _operation = null;
        _volume = null;
        _file = null;
        _request = null;
    }
}
