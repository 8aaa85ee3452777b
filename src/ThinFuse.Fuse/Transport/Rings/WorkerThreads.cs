using Microsoft.Extensions.Logging;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>Threads that may block, for what a ring's thread must not do itself. Allocates nothing until more waits than ever before.</summary>
internal sealed class WorkerThreads
{
    private readonly object _lock = new();
    private readonly Queue<IRingWork> _queue;
    private readonly Thread[] _threads;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runningCount;
    private bool _isStopped;

    /// <param name="threadCount">How many threads.</param>
    /// <param name="capacity">How much waits without memory being allocated.</param>
    /// <param name="logger">Told when a thread fails.</param>
    public WorkerThreads(int threadCount, int capacity, ILogger logger)
    {
        _queue = new Queue<IRingWork>(capacity);
        _logger = logger;
        _runningCount = threadCount;
        _threads = [.. Enumerable.Range(0, threadCount).Select(i => new Thread(Run) { IsBackground = true, Name = $"fuse-worker-{i}" })];
    }

    /// <summary>Completes when all threads have ended.</summary>
    public Task Completion => _completion.Task;

    public void Start() => Array.ForEach(_threads, thread => thread.Start());

    /// <summary>Hands work to a thread.</summary>
    public void Add(IRingWork work)
    {
        lock (_lock)
        {
            _queue.Enqueue(work);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Has the threads end when they have done what is queued.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits for the threads; returns how many are left at the deadline (<see cref="Environment.TickCount64"/>).</summary>
    public int Join(long deadlineMs) => _threads.Count(thread => !thread.EndsBy(deadlineMs));

    private void Run()
    {
        try
        {
            while (Take() is { } work)
            {
                work.Work();
            }
        }
        catch (Exception exception)
        {
            FuseLog.ThreadFailed(_logger, exception);
        }

        if (Interlocked.Decrement(ref _runningCount) == 0)
        {
            _completion.TrySetResult();
        }
    }

    private IRingWork? Take()
    {
        lock (_lock)
        {
            IRingWork? work;
            while (!_queue.TryDequeue(out work))
            {
                if (_isStopped)
                {
                    return null;
                }

                Monitor.Wait(_lock);
            }

            return work;
        }
    }
}
