using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Volume;
using ThinFuse.Daemon.Control.Client;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot delete</c>.</summary>
internal sealed class SnapshotDeleteCommand : CliCommand
{
    private readonly Argument<VolumePath> _snapshot = Input.Snapshot("SNAPSHOT", "The snapshot's file, MNT/VOLUME@NAME.");

    public SnapshotDeleteCommand(CliServices services)
        : base(services, "delete", "Delete a snapshot; its space comes back in the background.") => Add(_snapshot);

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_snapshot);
        using ControlClient client = ClientOf(path);
        await client.DeleteVolumeAsync(path.Name.ToString(), cancel).ConfigureAwait(false);
        output.Show(new DeleteResult(path.Name.ToString()), CliJsonContext.Default.DeleteResult, d =>
            output.Line($"deleted snapshot {d.Deleted}"));
        return 0;
    }
}
