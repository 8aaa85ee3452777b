using ThinFuse.Fuse.Serving;

namespace ThinFuse.Daemon.Hosting;

/// <summary>How many threads serve requests, and how many of them a node may hold.</summary>
internal static class ThreadShares
{
    private const int MostThreads = 256;

    /// <summary>What stays for other nodes, and for what needs no node, while one does not answer.</summary>
    private const int Spare = 4;

    /// <summary>As many threads as a node may hold, and some to spare.</summary>
    public static FuseSessionOptions Apply(int threadsPerNode, FuseSessionOptions session)
    {
        int threads = Math.Min(threadsPerNode + Spare, MostThreads);
        return session with { ThreadCount = threads, ThreadsPerFile = Math.Max(1, threads - Spare) };
    }
}
