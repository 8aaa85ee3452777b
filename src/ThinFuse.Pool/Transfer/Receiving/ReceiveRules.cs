using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Transfer.Receiving;

/// <summary>What must hold before something is received, and again before it takes its place. The metadata lock is held.</summary>
internal sealed class ReceiveRules(PoolCore core, VolumeAdmin admin)
{
    /// <summary>Refuses what could never take its place.</summary>
    public void Check(ReceiveRequest request)
    {
        VolumeAdmin.CheckSize(request.SizeBytes);
        if (!VolumeName.IsVolume(request.Target) || !VolumeName.IsSnapshot(VolumeName.Snapshot(request.Target, request.SnapshotName)))
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"'{VolumeName.Snapshot(request.Target, request.SnapshotName)}' is no name for what is received; use VOLUME or VOLUME@NAME");
        }

        if (request.ContentId == Guid.Empty || request.StartBytes < 0 || request.StartBytes > request.SizeBytes)
        {
            throw new PoolException(PoolErrorKind.Usage, "what is to be received has no content, or begins behind its end");
        }
    }

    /// <summary>Refuses when the target is not as the stream needs it; the base to begin with, or null for an empty volume.</summary>
    public Volume? CheckTarget(string target, string snapshot, Guid baseId, bool force)
    {
        admin.MustBeFree(snapshot);
        Volume? volume = core.Metadata.Find(target);
        if (baseId == Guid.Empty)
        {
            return volume is null
                ? null
                : throw new PoolException(
                    PoolErrorKind.Exists, $"{target} exists already, and this stream makes it anew; receive it under another name, or send with --from");
        }

        if (volume is null)
        {
            throw new PoolException(
                PoolErrorKind.NotFound, $"there is no {target} in this pool that the changes could go onto; send without --from first");
        }

        Volume start = core.Metadata.Volumes.FirstOrDefault(candidate => IsBase(candidate, target, baseId)) ?? throw new PoolException(
            PoolErrorKind.NotFound,
            $"{target} has no snapshot with the content that this stream changes ({baseId}); send from a snapshot that both have, or without --from");
        if (!force && !IsUnchanged(volume, start))
        {
            throw new PoolException(
                PoolErrorKind.Failed,
                $"{target} was changed since {start.Record.Name}; roll it back to that, or give up what was written with 'thinfuse receive --force'");
        }

        return !force && volume.OpenCount != 0
            ? throw new PoolException(
                PoolErrorKind.Busy, $"{target} is open, and would change under its users; close it, or use 'thinfuse receive --force'")
            : start;
    }

    private bool IsBase(Volume candidate, string target, Guid baseId) =>
        candidate.IsReadOnly && core.Metadata.Transfers.ContentIdOf(candidate.Id) == baseId
        && candidate.Record.Name.StartsWith(target + "@", StringComparison.Ordinal);

    /// <summary>Whether nothing was written to a volume since it was as a snapshot is: the layers in between are empty.</summary>
    public bool IsUnchanged(Volume volume, Volume start)
    {
        long chunks = core.Geometry.ChunksFor(start.Record.SizeBytes);
        Layer? layer = volume.Head;
        while (layer is not null && layer != start.Head && layer.Groups.IsEmpty && layer.VisibleChunks >= chunks)
        {
            layer = layer.Parent;
        }

        return layer == start.Head && volume.Record.SizeBytes == start.Record.SizeBytes;
    }
}
