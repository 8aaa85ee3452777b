using System.IO.Enumeration;

namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>Stops one matching I/O before it takes effect, until the test lets it go on.</summary>
internal sealed class SimulatedHold(string pathPattern, SimulatedIoKind kinds, int skip) : IDisposable
{
    /// <summary>Bounds a test that waits for what never comes; it is no part of any test's timing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ManualResetEventSlim _reached = new();
    private readonly ManualResetEventSlim _released = new();
    private int _passed;

    /// <summary>Returns once the I/O is held.</summary>
    internal void WaitUntilReached() => Wait(_reached);

    internal void Release() => _released.Set();

    /// <summary>Counts a matching I/O; whether it is the one to hold.</summary>
    internal bool Catches(SimulatedIoKind kind, string path) =>
        (kinds & kind) != 0 && FileSystemName.MatchesSimpleExpression(pathPattern, path, ignoreCase: false) && _passed++ == skip;

    internal void StopHere()
    {
        _reached.Set();
        Wait(_released);
    }

    /// <summary>Lets the I/O go, so that a failed test leaves no thread behind.</summary>
    public void Dispose() => _released.Set();

    private static void Wait(ManualResetEventSlim reached)
    {
        if (!reached.Wait(Patience))
        {
            throw new TimeoutException("the held I/O was not reached or not released");
        }
    }
}
