using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Space;

/// <summary>
/// Grows the last node that is a file, step by step, as the settings say. The host gives its space before an extent of it is promised. Blocks for
/// I/O; never called with a lock held. Thread-safe.
/// </summary>
internal sealed class AutoExtend(PoolCore core)
{
    private readonly Lock _one = new();
    private bool _hasFailed;

    /// <summary>One step, when free space has fallen to the mark.</summary>
    public void Maintain()
    {
        // What is being punched is free in a moment.
        long freeCount = core.Extents.FreeCount;
        if (freeCount + core.Extents.PunchedCount <= core.LowWater.MarkCount)
        {
            TryExtend(freeCount + 1);
        }
    }

    /// <summary>
    /// As many steps as it takes until so many extents are free; who comes while another extends waits for that. Whether the pool has grown, or has
    /// that many free.
    /// </summary>
    public bool TryExtend(long wantedFreeCount)
    {
        if (core.Metadata.Settings.AutoExtend.IsOff)
        {
            return false;
        }

        lock (_one)
        {
            long missingCount = wantedFreeCount - core.Extents.FreeCount;
            return missingCount <= 0 || TryGrow(core.Metadata.Settings, missingCount);
        }
    }

    private bool TryGrow(PoolSettings settings, long missingCount)
    {
        int shift = core.Geometry.ChunkShift;
        long totalCount = core.Extents.TotalCount;
        long stepBytes = Math.Min(Geometry.MaxVolumeBytes, settings.AutoExtend.InBytes(totalCount << shift));
        long stepCount = Math.Max(1, core.Geometry.ChunksFor(stepBytes));
        long addedCount = (missingCount + stepCount - 1) / stepCount * stepCount;
        long mostCount = settings.MaxSizeBytes == 0 ? long.MaxValue >> shift : settings.MaxSizeBytes >> shift;
        long wantedCount = Math.Min(totalCount + addedCount, mostCount);
        if (wantedCount <= totalCount)
        {
            return false;
        }

        if (core.Nodes.All.LastOrDefault(node => !node.IsBlockDevice) is not { } node)
        {
            Tell("none of its nodes is a file", wantedCount << shift);
            return false;
        }

        try
        {
            core.Growth.Extend(node, wantedCount - totalCount);
            _hasFailed = false;
            return true;
        }
        catch (Exception e) when (e is PoolException { Kind: PoolErrorKind.NoSpace or PoolErrorKind.Usage } or StorageException && !core.Health.HasFailed)
        {
            Tell(e.Message, wantedCount << shift);
            return false;
        }
    }

    private void Tell(string reason, long wantedBytes)
    {
        if (!_hasFailed)
        {
            _hasFailed = true;
            core.Health.Raise(PoolEvent.Now(PoolEventKinds.AutoExtendFailed, $"the pool does not extend itself: {reason}") with
            {
                TotalBytes = core.Extents.TotalCount << core.Geometry.ChunkShift,
                WantedBytes = wantedBytes,
            });
        }
    }
}
