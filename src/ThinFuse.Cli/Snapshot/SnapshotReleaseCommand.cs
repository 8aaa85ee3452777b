using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot release</c>.</summary>
internal sealed class SnapshotReleaseCommand : CliCommand
{
    private readonly Argument<VolumePath> _snapshot = Input.Snapshot("SNAPSHOT", "The snapshot's file, MNT/VOLUME@NAME.");
    private readonly Option<string> _by = HolderOption.Create();

    public SnapshotReleaseCommand(CliServices services)
        : base(services, "release", "End a hold on a snapshot.")
    {
        Add(_snapshot);
        Add(_by);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_snapshot);
        string holder = parse.GetRequiredValue(_by);
        using ControlClient client = new(Services.Locator.FromVolume(path).PoolDirectory);
        VolumeResponse snapshot = await client.ReleaseAsync(path.Name.ToString(), holder, cancel).ConfigureAwait(false);
        output.Show(snapshot, ControlJsonContext.Default.VolumeResponse, held =>
            output.Line($"snapshot {held.Name} is {(held.Holds.Count == 0 ? "held by nobody" : $"held by {string.Join(", ", held.Holds)}")}"));
        return 0;
    }
}
