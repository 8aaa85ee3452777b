using ThinFuse.Daemon.Files;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Events.Files;

/// <summary>A READ of .thinfuse/events that waits for lines. It holds no thread, only the request.</summary>
internal sealed class EventRead
{
    private readonly OpenEventFile _file;
    private readonly RequestOutcome _outcome;
    private readonly TaskCompletionSource _interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EventRead(OpenEventFile file, RequestOutcome outcome)
    {
        _file = file;
        _outcome = outcome;
    }

    /// <summary>
    /// Answers with lines, at once or when there are some; with EAGAIN instead of waiting when the caller asked for that, with the end of the file when it was
    /// ended, with EINTR when a signal hits the caller, and with EBUSY when another read of the same open file waits.
    /// </summary>
    public static void Start(FuseRequest request, OpenEventFile file, RequestOutcome outcome)
    {
        if (TryAnswer(request, file, outcome))
        {
            return;
        }

        if (request.FileFlags.HasFlag(FuseFileFlags.NonBlocking))
        {
            outcome.Refuse(request, FuseErrno.EAGAIN);
            return;
        }

        if (!file.TryBeginWait())
        {
            outcome.Refuse(request, FuseErrno.EBUSY);
            return;
        }

        EventRead read = new(file, outcome);
        request.State = read;
        request.OnInterrupt(OnInterrupted);
        _ = read.WaitAsync(request);
    }

    private static void OnInterrupted(FuseRequest request) => ((EventRead)request.State!)._interrupted.TrySetResult();

    /// <summary>Answers the request, whatever happens; throws nothing.</summary>
    private async Task WaitAsync(FuseRequest request)
    {
        try
        {
            while (true)
            {
                await Task.WhenAny(_file.NewsAsync(), _interrupted.Task, _file.Ended).ConfigureAwait(false);

                // Before the answer, after which the caller may read again.
                _file.EndWait();
                if (_interrupted.Task.IsCompleted)
                {
                    _outcome.Refuse(request, FuseErrno.EINTR);
                    return;
                }

                if (TryAnswer(request, _file, _outcome))
                {
                    return;
                }

                // Another read took what there was.
                if (!_file.TryBeginWait())
                {
                    _outcome.Refuse(request, FuseErrno.EBUSY);
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            _outcome.Fail(request, exception);
        }
    }

    private static bool TryAnswer(FuseRequest request, OpenEventFile file, RequestOutcome outcome)
    {
        // Looked at first: lines that came before the end are given before it.
        bool hasEnded = file.Ended.IsCompleted;
        int lengthBytes = file.Take(request.ReadBuffer);
        if (lengthBytes == 0 && !hasEnded && !request.ReadBuffer.IsEmpty)
        {
            return false;
        }

        outcome.Counters.Read(lengthBytes);
        request.ReplyData(lengthBytes);
        return true;
    }
}
