using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files.Steps;

/// <summary>
/// A WRITE on its way: map, perhaps parked and mapped again, move, publish, reply. Reused; one thread at a time, not always the same.
/// </summary>
/// <remarks>
/// <para>All or nothing: a loop device takes a short write for a whole one.</para>
/// <para>
/// A parked write holds no thread. The engine resumes it on a thread that must not block, so it goes on from the thread pool,
/// where moving the data may block; the reply comes from there.
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

    /// <summary>Starts; the request is answered before this returns or later, also when something throws.</summary>
    public void Start(FuseRequest request, OpenVolumeFile file, long offsetBytes)
    {
        _request = request;
        _file = file;
        _volume = file.Volume.Handle;
        _offsetBytes = offsetBytes;
        Advance();
    }

    /// <summary>Goes on after <see cref="Resume"/>.</summary>
    public void Execute() => Advance();

    /// <inheritdoc/>
    public void OnMoved(FuseRequest request, int errno)
    {
        if (errno != 0)
        {
            End();
            outcome.FailTransfer(request, errno);
            return;
        }

        try
        {
            foreach (ref readonly Segment segment in _operation!.Segments)
            {
                segment.Node!.MarkDirty();
            }

            _operation.Publish();
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
            MapOutcome mapped;
            while ((mapped = _volume!.MapWrite(operation, _offsetBytes, request.Payload, this)) == MapOutcome.Parked)
            {
                if (TryPark(request))
                {
                    return;
                }
            }

            if (mapped == MapOutcome.NoSpace)
            {
                End();
                outcome.Refuse(request, FuseErrno.ENOSPC);
                return;
            }

            if (operation.CanMoveDirect(request.Payload) && TransferPlanning.TryFill(request.TransferPlan, operation.Segments))
            {
                request.Move(request.TransferPlan, this);
                return;
            }

            operation.Move(request.Payload);
        }
        catch (Exception exception)
        {
            End();
            outcome.Fail(request, exception);
            return;
        }

        OnMoved(request, 0);
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

        _operation = null;
        _volume = null;
        _file = null;
        _request = null;
    }
}
