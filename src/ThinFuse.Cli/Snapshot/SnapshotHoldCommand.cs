using ThinFuse.Cli.Engine;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot hold</c>.</summary>
internal sealed class SnapshotHoldCommand(CliServices services)
    : SnapshotHolderCommand(services, "hold", "Keep a snapshot from being deleted until it is released.")
{
    protected override Task<VolumeResponse> ChangeAsync(ControlClient client, string snapshot, string holder, CancellationToken cancel) =>
        client.HoldAsync(snapshot, new HoldRequest(holder), cancel);
}
