using System.Globalization;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Pool;

/// <summary>A pool's state for people.</summary>
internal static class PoolStatusView
{
    public static void Show(CommandOutput output, PoolStatusResponse status)
    {
        TextTable table = TextTable.OfProperties();
        table.Add("uuid", status.Uuid.ToString());
        table.Add("mode", ModeText(status.Mode));
        table.Add("mounted at", status.MountPoint ?? "not mounted");
        if (status.DaemonPid is { } pid)
        {
            table.Add("daemon", string.Create(CultureInfo.InvariantCulture, $"pid {pid}, transport {TransportText(status.Transport)}"));
        }

        if (status.RestartProtection is { } protection)
        {
            table.Add("restarts", RestartText(protection, status));
        }

        table.Add("size", Size.ToText(status.TotalBytes));
        table.Add("promised", string.Create(CultureInfo.InvariantCulture, $"{Size.ToText(status.PromisedBytes)} ({status.OvercommitRatio:0.##} times the size){(status.Strict ? ", strict" : "")}"));
        table.Add("allocated", $"{Size.ToText(status.AllocatedBytes)} ({Share(status.AllocatedBytes, status.TotalBytes)})");
        table.Add("exclusive", Size.ToText(status.ExclusiveBytes));
        table.Add("shared", Size.ToText(status.SharedBytes));
        if (status.ReclaimingBytes != 0)
        {
            table.Add("to come back", $"up to {Size.ToText(status.ReclaimingBytes)} of what is deleted, in the background");
        }

        if (status.RetiredExtents != 0)
        {
            table.Add("retired", string.Create(CultureInfo.InvariantCulture, $"{Size.ToText(status.RetiredBytes)}: {status.RetiredExtents} extents that the disk could not write"));
        }

        table.Add("reserved", Size.ToText(status.ReservedBytes));
        table.Add("free", FreeText(status));
        table.Add("chunk size", Size.ToText(status.ChunkSize));
        table.Add("no space", NoSpaceText(status));
        table.Add("discard", status.DiscardPolicy == DiscardPolicy.Passdown ? "free space is given back to the host" : "free space is kept");
        if (status.LowWaterBytes is { } lowWater)
        {
            table.Add("low water", $"at {Size.ToText(lowWater)} free{ExtensionText(status)}");
        }

        table.Add("volumes", status.Volumes.ToString(CultureInfo.InvariantCulture));
        table.Add("snapshots", status.Snapshots.ToString(CultureInfo.InvariantCulture));
        output.Table(table);
        output.Table(NodeTable(status.Nodes));
    }

    /// <summary>What becomes of writes without space.</summary>
    public static string NoSpaceText(PoolStatusResponse status) => status switch
    {
        { NoSpacePolicy: NoSpacePolicy.Error } => "writes fail at once",
        { NoSpaceTimeoutMs: 0 } => "writes wait for space",
        _ => string.Create(CultureInfo.InvariantCulture, $"writes wait for space, at most {status.NoSpaceTimeoutMs / 1000.0:0.###} s"),
    };

    /// <summary>How the pool behaves, in one line; what is off is left out.</summary>
    public static string SettingsText(PoolStatusResponse status)
    {
        string growth = status.LowWaterBytes is { } lowWater ? $"; low water at {Size.ToText(lowWater)} free{ExtensionText(status)}" : "";
        string discard = status.DiscardPolicy == DiscardPolicy.Passdown ? "; free space is given back to the host" : "";
        string strict = status.Strict ? "; no more is promised than there is" : "";
        return $"without space, {NoSpaceText(status)}{growth}{discard}{strict}";
    }

    private static string FreeText(PoolStatusResponse status) => status.HostMissingBytes == 0
        ? Size.ToText(status.FreeBytes)
        : $"{Size.ToText(status.FreeBytes)}; the host has no room for another {Size.ToText(status.HostMissingBytes)}";

    private static string ExtensionText(PoolStatusResponse status) => status switch
    {
        { AutoExtendBytes: null } => "",
        { MaxSizeBytes: { } most } => $", extended by {Size.ToText(status.AutoExtendBytes.Value)} up to {Size.ToText(most)}",
        _ => $", extended by {Size.ToText(status.AutoExtendBytes.Value)} as long as the host has room",
    };

    private static string RestartText(RestartProtectionState protection, PoolStatusResponse status)
    {
        string text = protection == RestartProtectionState.On ? "protected" : "not protected: the mount dies with its daemon";
        return status is { Restarts: > 0, LastPauseMs: { } pauseMs }
            ? string.Create(CultureInfo.InvariantCulture, $"{text}; {status.Restarts} so far, the last with a pause of {pauseMs} ms")
            : text;
    }

    private static TextTable NodeTable(IReadOnlyList<NodeResponse> nodes)
    {
        TextTable table = new(
            new TextColumn("node"),
            new TextColumn("type"),
            new TextColumn("start", IsRight: true),
            new TextColumn("size", IsRight: true),
            new TextColumn("state"),
            new TextColumn("path"));
        foreach (NodeResponse node in nodes)
        {
            table.Add(
                string.Create(CultureInfo.InvariantCulture, $"n-{node.Id}"),
                node.Type == NodeType.Block ? "block" : "file",
                Size.ToText(node.StartBytes),
                Size.ToText(node.SizeBytes),
                StateText(node.State),
                node.Path);
        }

        return table;
    }

    private static string StateText(NodeState state) => state switch
    {
        NodeState.Online => "online",
        NodeState.Stalled => "stalled: it does not answer",
        _ => "failed",
    };

    private static string ModeText(PoolMode mode) => mode switch
    {
        PoolMode.Write => "write",
        PoolMode.OutOfSpace => "out of space: writes to new blocks fail; grow the pool, delete something, or discard",
        PoolMode.ReadOnly => "read-only: changes are refused; see daemon.log in the pool directory, then unmount, run 'thinfuse pool check', and mount again",
        _ => "failed: reads are refused too; see daemon.log in the pool directory, then unmount, run 'thinfuse pool check', and mount again",
    };

    private static string TransportText(PoolTransport? transport) => transport == PoolTransport.Uring ? "uring" : "dev";

    private static string Share(long part, long whole) =>
        whole == 0 ? "0 %" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0.#} %");
}
