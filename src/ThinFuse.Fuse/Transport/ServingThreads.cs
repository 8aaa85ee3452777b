using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport;

/// <summary>The threads that read the device until the connection ends, and how they ended.</summary>
internal sealed class ServingThreads(ILogger logger)
{
    private readonly List<Thread> _threads = [];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _failure;

    /// <summary>Completes when all have ended, or none will ever start; fails with <see cref="FuseException"/> when the device failed one of them.</summary>
    public Task Completion => _completion.Task;

    public bool HasStarted { get; private set; }

    /// <summary>Makes a thread, which does not serve yet.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="serve">Returns when the connection is over: 0, or the errno that the device failed with.</param>
    public void Add(string name, Func<int> serve) => _threads.Add(new Thread(() => Run(serve)) { IsBackground = true, Name = name });

    public void Start()
    {
        HasStarted = true;
        _running = _threads.Count;
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>Waits for the threads; returns how many are left at the deadline (<see cref="Environment.TickCount64"/>).</summary>
    public int Join(long deadlineMs)
    {
        if (!HasStarted)
        {
            _completion.TrySetResult();
        }

        return _threads.Count(thread => !thread.EndsBy(deadlineMs));
    }

    private void Run(Func<int> serve)
    {
        int errno = FuseErrno.EIO;
        try
        {
            errno = serve();
        }
        catch (Exception exception)
        {
            // No handler's exception comes here; this is the transport's own, such as no memory for another buffer.
            FuseLog.ThreadFailed(logger, exception);
        }

        if (errno != 0)
        {
            Volatile.Write(ref _failure, errno);
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            End(Volatile.Read(ref _failure));
        }
    }

    private void End(int failure)
    {
        if (failure == 0)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(new FuseException(failure, $"the FUSE device failed: {FuseErrno.Describe(failure)}"));
        }
    }
}
