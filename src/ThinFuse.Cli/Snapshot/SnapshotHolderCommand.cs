using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary>A command that changes who holds a snapshot, and tells who does.</summary>
internal abstract class SnapshotHolderCommand : CliCommand
{
    private readonly Argument<VolumePath> _snapshot = Input.Snapshot("SNAPSHOT", "The snapshot's file, MNT/VOLUME@NAME.");
    private readonly Option<string> _by = HolderOption.Create();

    protected SnapshotHolderCommand(CliServices services, string name, string description)
        : base(services, name, description)
    {
        Add(_snapshot);
        Add(_by);
    }

    protected abstract Task<VolumeResponse> ChangeAsync(ControlClient client, string snapshot, string holder, CancellationToken cancel);

    protected sealed override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_snapshot);
        string holder = parse.GetRequiredValue(_by);
        using ControlClient client = ClientOf(path);
        VolumeResponse snapshot = await ChangeAsync(client, path.Name.ToString(), holder, cancel).ConfigureAwait(false);
        output.Show(snapshot, ControlJsonContext.Default.VolumeResponse, held =>
            output.Line($"snapshot {held.Name} is held by {(held.Holds.Count == 0 ? "nobody" : string.Join(", ", held.Holds))}"));
        return 0;
    }
}
