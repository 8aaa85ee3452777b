using System.Globalization;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;
using PoolMode = ThinFuse.Daemon.Control.Contracts.PoolMode;

namespace ThinFuse.Cli.Engine;

/// <summary>The state of a pool that nobody serves, in the words of the control API.</summary>
internal static class OfflineStatus
{
    public static PoolStatusResponse Of(PoolStatus status) => new(
        status.Id,
        MountPoint: null,
        DaemonPid: null,
        Transport: null,
        ModeOf(status.Mode),
        status.ChunkSizeBytes,
        status.TotalBytes,
        status.AllocatedBytes,
        status.ReservedBytes,
        status.FreeBytes,
        NoSpacePolicy.Error,
        status.VolumeCount,
        status.SnapshotCount,
        [.. status.Nodes.Select(Of)]);

    private static NodeResponse Of(NodeStatus node) => new(
        int.Parse(node.Id.AsSpan(node.Id.IndexOf('-', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture),
        node.Type == "block" ? NodeType.Block : NodeType.File,
        node.Path,
        node.StartBytes,
        node.SizeBytes,
        node.State == "online" ? NodeState.Online : NodeState.Failed);

    private static PoolMode ModeOf(ThinFuse.Pool.PoolMode mode) => mode switch
    {
        ThinFuse.Pool.PoolMode.Write => PoolMode.Write,
        ThinFuse.Pool.PoolMode.OutOfSpace => PoolMode.OutOfSpace,
        ThinFuse.Pool.PoolMode.ReadOnly => PoolMode.ReadOnly,
        _ => PoolMode.Failed,
    };
}
