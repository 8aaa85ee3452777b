using ThinFuse.Pool;

namespace ThinFuse.Daemon.Service;

/// <summary>Proves that the parts which every request needs go on: the engine's metadata lock, and the thread pool on which parked requests continue.</summary>
/// <remarks>No disk is asked and no file of the mount, so that a slow disk is not taken for a dead daemon.</remarks>
internal sealed class EngineHealth(ThinPool pool)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Returns if they do; blocks while the engine is held.</summary>
    /// <exception cref="TimeoutException">The thread pool runs nothing.</exception>
    public void Prove()
    {
        _ = pool.Find("");
        using ManualResetEventSlim ran = new();
        ThreadPool.UnsafeQueueUserWorkItem(static event_ => event_.Set(), ran, preferLocal: false);
        if (!ran.Wait(Patience))
        {
            throw new TimeoutException($"the thread pool has run nothing for {Patience.TotalSeconds} s");
        }
    }
}
