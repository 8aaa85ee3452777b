using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>The thread of a queue, and how it ends.</summary>
internal sealed class RingThread : IDisposable
{
    private readonly SafeFileHandle _device;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource<int> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RingThread(int index, RingQueue queue, SafeFileHandle device, ILogger logger)
    {
        Queue = queue;
        _device = device;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = $"fuse-ring-{index}" };
    }

    public RingQueue Queue { get; }

    /// <summary>Completes when the thread serves no longer, for whatever reason.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Fails when the thread had to give up a queue that the kernel still fills; never completes otherwise.</summary>
    public Task Failure => _failure.Task;

    public void Start() => _thread.Start();

    /// <summary>Waits until the kernel knows the queue; the errno of its refusal, or 0.</summary>
    public int WaitUntilOpen() => _opened.Task.GetAwaiter().GetResult();

    /// <summary>Waits for the end of a thread that was started; false when it has not come at the deadline.</summary>
    public bool Join(long deadlineMs) => _thread.EndsBy(deadlineMs);

    public void Dispose() => Queue.Dispose();

    private void Run()
    {
        int errno = FuseErrno.EIO;
        try
        {
            errno = Queue.Open(_device);
            bool isOpen = errno == 0;
            _opened.TrySetResult(errno);
            errno = isOpen ? Queue.Serve() : 0;
        }
        catch (Exception exception)
        {
            // No handler's exception comes here; this is the ring's own.
            FuseLog.ThreadFailed(_logger, exception);
        }
        finally
        {
            Queue.Leave();
        }

        _opened.TrySetResult(errno);
        if (errno != 0)
        {
            _failure.TrySetException(new FuseException(errno, $"a ring of the FUSE connection failed: {FuseErrno.Describe(errno)}"));
        }

        _completion.TrySetResult();
    }
}
