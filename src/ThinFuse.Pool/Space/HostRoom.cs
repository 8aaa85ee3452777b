using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Space;

/// <summary>
/// What the host can really hold. A node file that has all of its space needs nothing more; a sparse one shares what is left on its filesystem with
/// everybody, and a write that the pool has an extent for may meet a full host. Thread-safe.
/// </summary>
internal sealed class HostRoom(PoolCore core)
{
    private long _missingCount;
    private int _isFull;

    /// <summary>Free extents that the host had no room for when it was looked at last.</summary>
    public long MissingCount => Volatile.Read(ref _missingCount);

    /// <summary>Whether a write met a full host, and none has tried again since.</summary>
    public bool IsFull => Volatile.Read(ref _isFull) != 0;

    /// <summary>Asks the host; of a node that does not answer counts what it said last.</summary>
    public void Look()
    {
        core.Nodes.Ask();
        Dictionary<ulong, (long NeededBytes, long AvailableBytes)> filesystems = [];
        foreach (Node node in core.Nodes.All)
        {
            if (node.Probe.Host is not { } host)
            {
                continue;
            }

            long neededBytes = Math.Max(0, (node.Record.ExtentCount << core.Geometry.ChunkShift) - host.BackedBytes);
            filesystems[host.FilesystemId] = (filesystems.GetValueOrDefault(host.FilesystemId).NeededBytes + neededBytes, host.AvailableBytes);
        }

        long missingBytes = filesystems.Values.Sum(host => Math.Max(0, host.NeededBytes - host.AvailableBytes));
        Volatile.Write(ref _missingCount, core.Geometry.ChunksFor(missingBytes));
    }

    /// <summary>A node refused a write because its host is full. Blocks for I/O.</summary>
    public void NoteFull()
    {
        Volatile.Write(ref _isFull, 1);
        Look();
        core.Health.NoteOutOfSpace("the filesystem that holds the pool's nodes is full; make room there", core.UsableCount);
    }

    /// <summary>A write got new space on a node after others had met a full host.</summary>
    public void NoteRoom()
    {
        Volatile.Write(ref _isFull, 0);
        core.Health.NoteHostTakes();
        core.SpaceQueue.Serve();
    }

    /// <summary>Looks again, and lets who waits longest try: a quota, for one, is nothing that can be looked at.</summary>
    public void Retry()
    {
        Look();
        Volatile.Write(ref _isFull, 0);
        core.Health.NoteFree(core.UsableCount);
        core.SpaceQueue.Serve();
    }
}
