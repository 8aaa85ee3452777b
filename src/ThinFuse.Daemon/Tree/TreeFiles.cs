using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Tree;

/// <summary>The files of each directory. A file's place in its list is part of its inode number: new ones go at the end.</summary>
internal static class TreeFiles
{
    /// <summary>.thinfuse/pool.</summary>
    public static readonly IReadOnlyList<TreeFile<PoolView>> Pool =
    [
        new("uuid", pool => pool.Status.Id.ToString()),
        new("size", pool => TreeText.Of(pool.Status.TotalBytes)),
        new("used", pool => TreeText.Of(pool.Status.AllocatedBytes)),
        new("free", pool => TreeText.Of(pool.Status.FreeBytes)),
        new("reserved", pool => TreeText.Of(pool.Status.ReservedBytes)),
        new("chunk_size", pool => TreeText.Of(pool.Status.ChunkSizeBytes)),
        new("mode", pool => ModeWords.Of(pool.Status.Mode)),
        new("path", pool => pool.Directory),
        new("pid", _ => TreeText.Of(Environment.ProcessId)),
        new("promised", pool => TreeText.Of(pool.Status.PromisedBytes)),
        new("exclusive", pool => TreeText.Of(pool.Status.ExclusiveBytes)),
        new("shared", pool => TreeText.Of(pool.Status.SharedBytes)),
        new("retired", pool => TreeText.Of(pool.Status.RetiredBytes)),
        new("needs_check", pool => TreeText.Of(pool.Status.NeedsCheck)),
    ];

    /// <summary>.thinfuse/nodes/n-0.</summary>
    public static readonly IReadOnlyList<TreeFile<NodeStatus>> Node =
    [
        new("type", node => node.Type),
        new("path", node => node.Path),
        new("start", node => TreeText.Of(node.StartBytes)),
        new("size", node => TreeText.Of(node.SizeBytes)),
        new("state", node => node.State),
    ];

    /// <summary>.thinfuse/volumes/NAME.</summary>
    public static readonly IReadOnlyList<TreeFile<VolumeInfo>> Volume =
    [
        new("size", volume => TreeText.Of(volume.SizeBytes)),
        new("allocated", volume => TreeText.Of(volume.AllocatedBytes)),
        new("exclusive", volume => TreeText.Of(volume.ExclusiveBytes)),
        new("kind", volume => VolumeWords.Of(volume.Kind)),
        new("origin", volume => volume.Origin ?? ""),
        new("read_only", volume => TreeText.Of(volume.IsReadOnly)),
        new("created", volume => TreeText.Of(volume.CreatedAt)),
        new("generation", volume => volume.Generation.ToString()),
        new("holds", VolumeWords.HoldsOf),
        new("shared", volume => TreeText.Of(volume.SharedBytes)),
        new("reserved", volume => TreeText.Of(volume.ReservedBytes)),
        new("reserve", volume => Reserves.TextOf(volume.Reserve)),
        new("provisioned", volume => TreeText.Of(volume.ProvisionedBytes)),
    ];
}
