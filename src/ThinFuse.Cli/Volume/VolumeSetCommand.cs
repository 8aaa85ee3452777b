using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume set</c>.</summary>
internal sealed class VolumeSetCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.Volume("VOLUME", "The volume's file, MNT/NAME.");
    private readonly ReserveOptions _reserve = new();

    public VolumeSetCommand(CliServices services)
        : base(services, "set", "Change what the pool keeps ready for a volume.")
    {
        Add(_volume);
        _reserve.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        (string? reserve, string? when) = _reserve.Of(parse);
        if (reserve is null && when is null)
        {
            throw new CommandFailure(ControlErrorKind.Usage, "nothing to set; give --reserve or --reserve-when");
        }

        using ControlClient client = new(Services.Locator.FromVolume(path).PoolDirectory);
        VolumeResponse volume = await client.UpdateVolumeAsync(
            path.Name.ToString(), new VolumeUpdateRequest { Reserve = reserve, ReserveWhen = when }, cancel).ConfigureAwait(false);
        output.Show(volume, ControlJsonContext.Default.VolumeResponse, v =>
            output.Line($"volume {v.Name} has {Size.ToText(v.ReservedBytes)} in reserve"));
        return 0;
    }
}
