using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume create</c>.</summary>
internal sealed class VolumeCreateCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.Volume("VOLUME", "The new volume's file, MNT/NAME.");
    private readonly Option<long?> _size = Input.Size("--size", "Its size; may exceed the pool's.", isRequired: true);

    private readonly ReserveOptions _reserve = new();

    public VolumeCreateCommand(CliServices services)
        : base(services, "create", "Create an empty volume.")
    {
        Add(_volume);
        Add(_size);
        _reserve.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        (string? reserve, string? when) = _reserve.Of(parse);
        using ControlClient client = new(Services.Locator.FromVolume(path).PoolDirectory);
        VolumeResponse volume = await client.CreateVolumeAsync(
            new VolumeCreateRequest(path.Name.ToString(), parse.GetRequiredValue(_size)!.Value) { Reserve = reserve, ReserveWhen = when },
            cancel).ConfigureAwait(false);
        output.Show(volume, ControlJsonContext.Default.VolumeResponse, v =>
            output.Line($"created volume {v.Name}, {Size.ToText(v.SizeBytes)}"));
        return 0;
    }
}
