using System.Runtime.ExceptionServices;

namespace ThinFuse.Pool;

/// <summary>
/// Work that may hang, done on threads of its own, one run at a time: who wants it done waits for a moment, and not at all while a run is known to hang. Thread-safe.
/// </summary>
/// <param name="work">The work; its thread holds no lock.</param>
internal sealed class PatientCall(Action work)
{
    /// <summary>How long a run may take before it counts as hanging, milliseconds.</summary>
    public const int PatienceMs = 1000;

    private readonly object _gate = new();
    private long _wanted;
    private long _begun;
    private long _done;
    private long _beganAtMs;
    private Exception? _failure;

    /// <summary>Whether a run has taken longer than the patience, and goes on.</summary>
    public bool Hangs
    {
        get
        {
            lock (_gate)
            {
                return _begun != _done && LeftMs() <= 0;
            }
        }
    }

    /// <summary>Has the work done from here on, without waiting.</summary>
    /// <returns>What <see cref="Wait"/> takes.</returns>
    public long Begin()
    {
        lock (_gate)
        {
            long wanted = _begun + 1;
            if (_wanted < wanted)
            {
                _wanted = wanted;
                if (_begun == _done)
                {
                    BeginRun();
                }
            }

            return wanted;
        }
    }

    /// <summary>Waits until a run has ended, or hangs; throws what it threw.</summary>
    /// <param name="run">What <see cref="Begin"/> returned.</param>
    /// <returns>Whether it has ended.</returns>
    public bool Wait(long run)
    {
        lock (_gate)
        {
            while (_done < run)
            {
                long leftMs = LeftMs();
                if (leftMs <= 0)
                {
                    return false;
                }

                Monitor.Wait(_gate, (int)leftMs);
            }

            if (_failure is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return true;
        }
    }

    private long LeftMs() => _beganAtMs + PatienceMs - Environment.TickCount64;

    private void BeginRun()
    {
        _begun++;
        _beganAtMs = Environment.TickCount64;
        new Thread(Run) { IsBackground = true, Name = "thinfuse-patient" }.Start();
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            work();
        }
        catch (Exception e)
        {
            failure = e;
        }

        lock (_gate)
        {
            _failure = failure;
            _done = _begun;
            if (_wanted > _begun)
            {
                BeginRun();
            }

            Monitor.PulseAll(_gate);
        }
    }
}
