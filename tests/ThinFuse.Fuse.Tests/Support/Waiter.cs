namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Decides which of two threads answers a request.</summary>
internal sealed class Waiter
{
    private int _taken;

    public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;
}
