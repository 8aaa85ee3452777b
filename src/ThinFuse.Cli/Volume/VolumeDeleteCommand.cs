using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume delete</c>.</summary>
internal sealed class VolumeDeleteCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.Volume("VOLUME", "The volume's file, MNT/NAME.");

    public VolumeDeleteCommand(CliServices services)
        : base(services, "delete", "Delete a volume; its snapshots stay.") => Add(_volume);

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        using ControlClient client = ClientOf(path);
        await client.DeleteVolumeAsync(path.Name.ToString(), cancel).ConfigureAwait(false);
        output.Show(new DeleteResult(path.Name.ToString()), CliJsonContext.Default.DeleteResult, d =>
            output.Line($"deleted volume {d.Deleted}"));
        return 0;
    }
}
