using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume resize</c>.</summary>
internal sealed class VolumeResizeCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.Volume("VOLUME", "The volume's file, MNT/NAME.");
    private readonly Option<long?> _size = Input.Size("--size", "The new size; what lies beyond a smaller one is gone.", isRequired: true);

    public VolumeResizeCommand(CliServices services)
        : base(services, "resize", "Change a volume's size.")
    {
        Add(_volume);
        Add(_size);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        using ControlClient client = ClientOf(path);
        VolumeResponse volume = await client.UpdateVolumeAsync(
            path.Name.ToString(), new VolumeUpdateRequest(SizeBytes: parse.GetRequiredValue(_size)), cancel).ConfigureAwait(false);
        output.Show(volume, ControlJsonContext.Default.VolumeResponse, v => output.Line($"volume {v.Name} has {Size.ToText(v.SizeBytes)}"));
        return 0;
    }
}
