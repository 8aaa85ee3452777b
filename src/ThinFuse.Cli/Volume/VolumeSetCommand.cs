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
    private readonly Argument<VolumePath> _volume = Input.VolumeOrSnapshot("VOLUME", "The file, MNT/NAME.");
    private readonly ReserveOptions _reserve = new();
    private readonly Option<string> _origin = Input.PathOption("--origin", "Where its external origin is now: the same file or device as before.");
    private readonly Option<bool> _force = new("--force") { Description = "Take the origin although its size or time of change is another." };

    public VolumeSetCommand(CliServices services)
        : base(services, "set", "Change what the pool keeps ready for a volume, or where its external origin is.")
    {
        Add(_volume);
        _reserve.AddTo(this);
        Add(_origin);
        Add(_force);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        (string? reserve, string? when) = _reserve.Of(parse);
        string? origin = parse.GetValue(_origin) is { } given ? Path.GetFullPath(given) : null;
        if (reserve is null && when is null && origin is null)
        {
            throw new CommandFailure(ControlErrorKind.Usage, "nothing to set; give --reserve, --reserve-when or --origin");
        }

        using ControlClient client = ClientOf(path);
        VolumeResponse volume = await client.UpdateVolumeAsync(
            path.Name.ToString(),
            new VolumeUpdateRequest { Reserve = reserve, ReserveWhen = when, OriginPath = origin, Force = parse.GetValue(_force) ? true : null },
            cancel).ConfigureAwait(false);
        output.Show(volume, ControlJsonContext.Default.VolumeResponse, v => output.Line(
            origin is null ? $"volume {v.Name} has {Size.ToText(v.ReservedBytes)} in reserve" : $"{v.Name} reads through to {v.OriginFile}"));
        return 0;
    }
}
