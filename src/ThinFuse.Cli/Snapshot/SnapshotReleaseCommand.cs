using ThinFuse.Cli.Engine;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot release</c>.</summary>
internal sealed class SnapshotReleaseCommand(CliServices services)
    : SnapshotHolderCommand(services, "release", "End a hold on a snapshot.")
{
    protected override Task<VolumeResponse> ChangeAsync(ControlClient client, string snapshot, string holder, CancellationToken cancel) =>
        client.ReleaseAsync(snapshot, holder, cancel);
}
