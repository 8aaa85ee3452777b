using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Jobs;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume flatten</c>.</summary>
internal sealed class VolumeFlattenCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.VolumeOrSnapshot("VOLUME", "The volume's file, MNT/NAME, or a writable snapshot's.");
    private readonly Option<long?> _rate = Input.Rate("How much it copies in a second at most, such as 100M");
    private readonly Option<bool> _wait = Input.Flag("--wait", "Return when all is copied; shows progress on a terminal.");

    public VolumeFlattenCommand(CliServices services)
        : base(services, "flatten", "Copy what a volume shares with its origin and its snapshots, in the background, so that it shares nothing.")
    {
        Add(_volume);
        Add(_rate);
        Add(_wait);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        using ControlClient client = ClientOf(path);
        JobResponse job = await client.FlattenAsync(path.Name.ToString(), new FlattenRequest(parse.GetValue(_rate)), cancel).ConfigureAwait(false);
        if (parse.GetValue(_wait))
        {
            job = await JobWaiter.WaitAsync(client, job, output, cancel).ConfigureAwait(false);
        }

        output.Show(job, ControlJsonContext.Default.JobResponse, shown => output.Line(JobTable.Line(shown)));
        return 0;
    }
}
