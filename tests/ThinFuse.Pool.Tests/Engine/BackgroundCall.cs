using System.Runtime.ExceptionServices;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>A call on a thread of its own, which a test can see waiting, and which never outlives its patience unnoticed.</summary>
internal sealed class BackgroundCall
{
    /// <summary>Bounds a test that waits for what never comes; it is no part of any test's timing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _what;
    private readonly Thread _thread;
    private Exception? _failure;

    private BackgroundCall(string what, Action call)
    {
        _what = what;
        _thread = new Thread(() => Run(call)) { IsBackground = true, Name = what };
        _thread.Start();
    }

    internal bool HasEnded => !_thread.IsAlive;

    internal static BackgroundCall Start(string what, Action call) => new(what, call);

    /// <summary>Makes the call and returns when it has ended; a call that hangs becomes an exception.</summary>
    internal static void Run(string what, Action call) => Start(what, call).Finish();

    /// <summary>
    /// Returns when the call waits for something, or has ended. The engine has no event for "a thread waits now", so the thread's state is looked at until it
    /// stays the same; a mistake makes a test weaker, never wrong.
    /// </summary>
    internal void WaitUntilWaiting()
    {
        for (int seen = 0; seen < 20 && !HasEnded; seen++)
        {
            if ((_thread.ThreadState & ThreadState.WaitSleepJoin) == 0)
            {
                seen = 0;
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Waits for the end; what the call threw is returned.</summary>
    internal Exception? Join()
    {
        if (!_thread.Join(Patience))
        {
            throw new TimeoutException($"'{_what}' hangs");
        }

        return _failure;
    }

    /// <summary>Waits for the end; what the call threw is thrown.</summary>
    internal void Finish()
    {
        if (Join() is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Run(Action call)
    {
        try
        {
            call();
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }
}
