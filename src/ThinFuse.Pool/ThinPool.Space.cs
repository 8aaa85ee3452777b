using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool;

/// <summary>Space and the settings that govern it.</summary>
public sealed partial class ThinPool
{
    /// <summary>
    /// The pool now; freed space that only waits for a commit gets it first. Waits for that, and for what the nodes say of their hosts, at most a moment: of a
    /// node that does not answer it shows what is known.
    /// </summary>
    public PoolStatus Status()
    {
        try
        {
            if (_core.Extents.WaitingCount != 0 && !_core.Health.HasFailed)
            {
                _statusCommit.Wait(_statusCommit.Begin());
            }
        }
        catch (Exception) when (_core.Health.HasFailed)
        {
            // The failure is logged, and the mode below says it.
        }

        _core.Host.Look();
        lock (_core.MetadataLock)
        {
            long chunkBytes = Geometry.ChunkBytes;
            ExtentCounts counts = _core.Extents.Counts;
            int snapshots = _core.Metadata.Volumes.Count(volume => volume.IsSnapshot);
            (long exclusive, long shared) = _space.OwnedExtents();
            long missing = Math.Min(counts.Free, _core.Host.MissingCount);
            return new PoolStatus(
                Id, _core.Health.Mode, Geometry.ChunkBytes, counts.Total * chunkBytes, counts.Allocated * chunkBytes,
                counts.Reserved * chunkBytes, (counts.Free - missing) * chunkBytes,
                _reclaimer.OutstandingBytes(), _core.Metadata.Volumes.Count - snapshots, snapshots, [.. _core.Nodes.All.Select(StatusOf)],
                _core.Metadata.Settings)
            {
                HostMissingBytes = (missing + counts.OutOfReach) * chunkBytes,
                PromisedBytes = _space.PromisedBytes(),
                ExclusiveBytes = exclusive * chunkBytes,
                SharedBytes = shared * chunkBytes,
                RetiredExtents = counts.Retired,
                NeedsCheck = _core.Health.HasFailed,
            };
        }
    }

    /// <summary>How many nodes there are.</summary>
    public int NodeCount => _core.Nodes.All.Count;

    /// <summary>One node now; null when there are not so many. Waits for its answer at most a moment.</summary>
    public NodeStatus? FindNode(int index)
    {
        if (index >= NodeCount)
        {
            return null;
        }

        Node node = _core.Nodes[index];
        node.Probe.Wait(node.Probe.Ask());
        lock (_core.MetadataLock)
        {
            return StatusOf(node);
        }
    }

    /// <summary>A node that does not answer, for people; null when all do, or the pool was closed. Waits a moment at most.</summary>
    public string? FindStalledNode()
    {
        try
        {
            _core.Nodes.Ask();
        }
        catch (ObjectDisposedException)
        {
            return null;
        }

        return _core.Nodes.All.FirstOrDefault(node => node.Probe.IsStalled) is { } stalled ? $"node {stalled.Id} ({stalled.Path})" : null;
    }

    /// <summary>Grows the last file node so that the pool has so many bytes of extents, or takes the new length of a block device.</summary>
    /// <exception cref="PoolException">Usage (smaller than now), NoSpace (the host has no room; nothing changed).</exception>
    public void Grow(long newTotalBytes) => _core.Growth.Grow(newTotalBytes);

    /// <summary>Adds a node: a new file of <paramref name="sizeBytes"/>, or an existing blank file or block device.</summary>
    public void AddNode(string path, long? sizeBytes = null) => _core.Growth.AddNode(path, sizeBytes);

    /// <summary>How the pool behaves.</summary>
    public PoolSettings Settings => _core.Metadata.Settings;

    /// <summary>Changes how the pool behaves; durable when it returns. Writes that wait already keep the time they were given.</summary>
    /// <param name="change">Makes the new settings out of the present ones; nothing else changes them meanwhile.</param>
    /// <exception cref="PoolException">Usage: a value is out of range. NoSpace: more is promised already than a strict pool may.</exception>
    public void Configure(Func<PoolSettings, PoolSettings> change)
    {
        bool isOtherDiscard;
        lock (_core.MetadataLock)
        {
            PoolSettings settings = change(_core.Metadata.Settings);
            settings.Validate();
            Span<byte> buffer = stackalloc byte[128];
            EntryWriter entry = new(buffer);
            entry.SettingsPut(settings);
            if (settings.IsStrict && !_core.Metadata.Settings.IsStrict)
            {
                _core.Strict.MustFit();
            }

            isOtherDiscard = settings.Discard != _core.Metadata.Settings.Discard;
            _core.Change(entry.Written);
        }

        if (isOtherDiscard)
        {
            _core.Passdown.Apply();
            _core.PassdownWanted();
        }

        _core.Commit();
    }

    /// <summary>Refuses all writes that wait for space, and has none wait from now on: the first step of closing a pool in use.</summary>
    public void StopWaitingForSpace() => _core.SpaceQueue.Close();

    private NodeStatus StatusOf(Node node) => new(
        node.Id, node.IsBlockDevice ? "block" : "file", node.Path, Node.DataStartBytes, node.Record.ExtentCount << Geometry.ChunkShift,
        _core.Extents.AllocatedCount(node.Record.Index) << Geometry.ChunkShift, StateOf(node));

    private static string StateOf(Node node) => node.HasFailed ? "failed" : node.Probe.IsStalled ? "stalled" : "online";
}
