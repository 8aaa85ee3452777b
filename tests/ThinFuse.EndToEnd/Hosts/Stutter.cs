using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Hosts;

/// <summary>Makes a disk slow: the daemon that serves it is stopped most of the time, and goes on for a moment now and then.</summary>
internal sealed class Stutter : IDisposable
{
    private const int StopSignal = 19;
    private const int ContinueSignal = 18;

    private static readonly TimeSpan Stopped = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Running = TimeSpan.FromMilliseconds(30);

    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;

    /// <summary>Begins.</summary>
    public Stutter(int daemonPid)
    {
        _thread = new Thread(() =>
        {
            do
            {
                Posix.Kill(daemonPid, StopSignal);
                _end.Wait(Stopped);
                Posix.Kill(daemonPid, ContinueSignal);
            }
            while (!_end.Wait(Running));
        });
        _thread.Start();
    }

    /// <summary>From here on the disk is as fast as it was.</summary>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }
}
