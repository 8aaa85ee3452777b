using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Files.Steps;

/// <summary>How a write waits without a thread, and how it stops waiting.</summary>
internal sealed partial class WriteStep
{
    private readonly Lock _stateLock = new();
    private WriteState _state;

    /// <inheritdoc/>
    public void Resume()
    {
        WriteState before;
        lock (_stateLock)
        {
            before = _state;
            _state = before == WriteState.Running ? WriteState.ResumedEarly : WriteState.Running;
        }

        switch (before)
        {
            case WriteState.Parked:
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                break;
            case WriteState.Cancelled:
                pool.Return(this);
                break;
        }
    }

    /// <summary>Leaves the write to whoever resumes or interrupts it; false when it was resumed already.</summary>
    private bool TryPark(FuseRequest request)
    {
        request.State = this;
        request.OnInterrupt(OnInterrupted);
        lock (_stateLock)
        {
            if (_state == WriteState.ResumedEarly)
            {
                _state = WriteState.Running;
                return false;
            }

            if (!request.IsInterrupted)
            {
                outcome.Counters.Parked();
                _state = WriteState.Parked;
                return true;
            }
        }

        Cancel(request);
        return true;
    }

    /// <summary>The caller was hit by a signal. The step may be another request's by now, which the lock and the comparison tell.</summary>
    private static void OnInterrupted(FuseRequest request)
    {
        if (request.State is WriteStep step && step.TryTakeParked(request))
        {
            step.Cancel(request);
        }
    }

    private bool TryTakeParked(FuseRequest request)
    {
        lock (_stateLock)
        {
            if (_state != WriteState.Parked || _request != request)
            {
                return false;
            }

            _state = WriteState.Running;
            return true;
        }
    }

    /// <summary>
    /// Answers EINTR. The engine still knows this object as a waiter, so it serves no other request until it was resumed.
    /// </summary>
    private void Cancel(FuseRequest request)
    {
        Release();
        lock (_stateLock)
        {
            if (_state == WriteState.ResumedEarly)
            {
                _state = WriteState.Running;
                pool.Return(this);
            }
            else
            {
                _state = WriteState.Cancelled;
            }
        }

        outcome.Refuse(request, FuseErrno.EINTR);
    }
}
