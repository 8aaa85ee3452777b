using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume provision</c>.</summary>
internal sealed class VolumeProvisionCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.Volume("VOLUME", "The volume's file, MNT/NAME.");
    private readonly Option<long?> _offset = Input.Size("--offset", "Where the range begins; at the volume's begin unless given.");
    private readonly Option<long?> _length = Input.Size("--length", "How long it is; to the volume's end unless given.");
    private readonly Option<bool> _all = new("--all") { Description = "The whole volume, as it is now." };

    public VolumeProvisionCommand(CliServices services)
        : base(services, "provision", "Promise that a range of a volume can always be overwritten, also after snapshots.")
    {
        Add(_volume);
        Add(_offset);
        Add(_length);
        Add(_all);
        Validators.Add(parse =>
        {
            bool hasRange = parse.GetResult(_offset) is not null || parse.GetResult(_length) is not null;
            if (hasRange == parse.GetResult(_all) is not null)
            {
                parse.AddError("name a range by --offset and --length, or --all");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        using ControlClient client = ClientOf(path);
        VolumeResponse volume = await client.ProvisionAsync(
            path.Name.ToString(), new ProvisionRequest(parse.GetValue(_offset) ?? 0, parse.GetValue(_length)), cancel).ConfigureAwait(false);
        output.Show(volume, ControlJsonContext.Default.VolumeResponse, v =>
            output.Line($"volume {v.Name} has {Size.ToText(v.ProvisionedBytes)} provisioned"));
        return 0;
    }
}
