namespace ThinFuse.Pool.Tree;

/// <summary>
/// A sequence lock for walks through the layers: a merge that moves a chunk's exception from one layer to the next makes walks of that chunk
/// that overlap it start again, so that none finds the exception in neither layer.
/// </summary>
internal sealed class RestructureLock
{
    private const int StripeCount = 64;
    private readonly long[] _sequences = new long[StripeCount];

    /// <summary>Begins a walk; waits out a move under way.</summary>
    public long BeginWalk(long chunk)
    {
        SpinWait spin = default;
        while (true)
        {
            long sequence = Volatile.Read(ref _sequences[chunk % StripeCount]);
            if ((sequence & 1) == 0)
            {
                return sequence;
            }

            spin.SpinOnce();
        }
    }

    /// <summary>Whether no move overlapped the walk.</summary>
    public bool WalkIsValid(long chunk, long sequence)
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _sequences[chunk % StripeCount]) == sequence;
    }

    /// <summary>Begins a move; there is one mover at a time.</summary>
    public void BeginMove(long chunk) => Interlocked.Increment(ref _sequences[chunk % StripeCount]);

    public void EndMove(long chunk) => Interlocked.Increment(ref _sequences[chunk % StripeCount]);
}
