
namespace ThinFuse.Pool;

/// <summary>A thread that does one kind of work when it is asked to, or when an interval has passed. Errors are logged and told, never lost.</summary>
internal sealed class BackgroundWorker : IDisposable
{
    private readonly AutoResetEvent _wanted = new(false);
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly Action<CancellationToken> _work;
    private readonly Action<Exception> _failed;
    private readonly int _intervalMs;

    /// <param name="name">The thread's name.</param>
    /// <param name="work">The work; returns soon when its token is cancelled.</param>
    /// <param name="failed">Told of an exception, on the worker's thread; the worker goes on with the next request.</param>
    /// <param name="intervalMs">Work also after so long without a request; 0 for never.</param>
    public BackgroundWorker(string name, Action<CancellationToken> work, Action<Exception> failed, int intervalMs)
    {
        _work = work;
        _failed = failed;
        _intervalMs = intervalMs == 0 ? Timeout.Infinite : intervalMs;
        _thread = new Thread(Loop) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Asks for work; several requests before it begins are one. Any thread.</summary>
    public void Request() => _wanted.Set();

    /// <summary>Stops and waits for the work under way.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _wanted.Set();
        _thread.Join();
        _stop.Dispose();
        _wanted.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            _wanted.WaitOne(_intervalMs);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            try
            {
                _work(_stop.Token);
            }
            catch (Exception e)
            {
                _failed(e);
            }
        }
    }
}
