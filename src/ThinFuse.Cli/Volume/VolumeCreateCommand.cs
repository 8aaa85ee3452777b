using System.CommandLine;
using System.CommandLine.Parsing;
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
    private readonly Option<long?> _size = Input.Size("--size", "Its size; may exceed the pool's. With --origin, the origin's unless given.", isRequired: false);
    private readonly Option<string> _origin = Input.PathOption(
        "--origin", "A file or block device that shows through where nothing is written yet; it is only read.");

    private readonly ReserveOptions _reserve = new();

    public VolumeCreateCommand(CliServices services)
        : base(services, "create", "Create a volume, empty or on a file or block device.")
    {
        Add(_volume);
        Add(_size);
        Add(_origin);
        _reserve.AddTo(this);
        Validators.Add(SizeOrOrigin);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        (string? reserve, string? when) = _reserve.Of(parse);
        using ControlClient client = ClientOf(path);
        VolumeResponse volume = await client.CreateVolumeAsync(
            new VolumeCreateRequest(path.Name.ToString(), parse.GetValue(_size))
            {
                Reserve = reserve,
                ReserveWhen = when,
                OriginPath = parse.GetValue(_origin) is { } origin ? Path.GetFullPath(origin) : null,
            },
            cancel).ConfigureAwait(false);
        output.Show(volume, ControlJsonContext.Default.VolumeResponse, v =>
            output.Line($"created volume {v.Name}, {Size.ToText(v.SizeBytes)}{(v.OriginFile is null ? "" : $", on {v.OriginFile}")}"));
        return 0;
    }

    private void SizeOrOrigin(CommandResult result)
    {
        if (result.GetResult(_size) is null && result.GetResult(_origin) is null)
        {
            result.AddError("a volume needs --size, or --origin");
        }
    }
}
