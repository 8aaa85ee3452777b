namespace ThinFuse.Pool.Operations;

/// <summary>Blocks the thread of a caller that has nothing better to do than wait.</summary>
internal sealed class BlockingWaiter : IParked
{
    private readonly ManualResetEventSlim _resumed = new();

    public void Resume() => _resumed.Set();

    /// <summary>Call before asking again.</summary>
    public void Reset() => _resumed.Reset();

    public void Wait() => _resumed.Wait();
}
