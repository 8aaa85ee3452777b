using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Space;

/// <summary>
/// Gives the host back the space of free extents, where the pool's policy is <see cref="DiscardPolicy.Passdown"/>: neighbours in one call. While an
/// extent is punched it cannot be allocated. Blocks for I/O. Thread-safe.
/// </summary>
internal sealed class Passdown(PoolCore core)
{
    /// <summary>Most bytes of one call, which nobody can allocate meanwhile.</summary>
    private const long MaxRunBytes = 256L << 20;

    private readonly Lock _one = new();

    /// <summary>Held by who must not meet extents that are being punched. Taken before any other lock.</summary>
    public Lock Pause => _one;

    /// <summary>Begins with all that is free, or ends, as the pool's policy says.</summary>
    public void Apply() => core.Extents.RememberFreed(IsPolicy);

    /// <summary>Returns when nothing is being punched; what is free by then stays as it is, for somebody is about to use it.</summary>
    public void GiveWay()
    {
        core.Extents.RememberFreed(false);
        lock (_one)
        {
            core.Extents.RememberFreed(IsPolicy, onlyFromNow: true);
        }
    }

    /// <summary>Works until nothing is left to give back, or it is stopped.</summary>
    public void Run(CancellationToken stop)
    {
        bool any = false;
        while (!stop.IsCancellationRequested && TryPunchRun())
        {
            any = true;
            core.SpaceQueue.Serve();
        }

        if (any)
        {
            core.Host.Retry();
        }
    }

    private bool IsPolicy => core.Metadata.Settings.Discard == DiscardPolicy.Passdown;

    private bool TryPunchRun()
    {
        lock (_one)
        {
            int shift = core.Geometry.ChunkShift;
            if (!core.Extents.TryTakeFreed(Math.Max(1, MaxRunBytes >> shift), out long first, out long count))
            {
                return false;
            }

            try
            {
                (Node node, long offsetBytes) = core.Nodes.Locate(first);
                node.File.Punch(offsetBytes, count << shift);
            }
            finally
            {
                core.Extents.GiveBackFreed(first, count);
            }

            return true;
        }
    }
}
