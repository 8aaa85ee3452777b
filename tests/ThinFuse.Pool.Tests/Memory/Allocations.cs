namespace ThinFuse.Pool.Tests.Memory;

/// <summary>Counts managed memory that the calling thread allocates.</summary>
internal static class Allocations
{
    private const int MaxRounds = 40;

    /// <summary>
    /// The least that a round of the work allocates. The runtime itself allocates on the thread it runs on, when it compiles a method again or fills a
    /// cache; that ends after some rounds, whereas what the work allocates is in every round.
    /// </summary>
    public static long LeastBytesOf(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < MaxRounds && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
