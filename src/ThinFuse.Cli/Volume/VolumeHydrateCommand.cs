using System.CommandLine;
using System.CommandLine.Parsing;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Jobs;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume hydrate</c>.</summary>
internal sealed class VolumeHydrateCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.VolumeOrSnapshot("VOLUME", "A file that reads through to an external origin, MNT/NAME.");
    private readonly Option<bool> _pause = new("--pause") { Description = "Stand still until --resume." };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on; the same as without an option." };
    private readonly Option<bool> _stop = new("--stop") { Description = "End it; what is copied stays, the rest is read from the origin as before." };
    private readonly Option<bool> _wait = new("--wait") { Description = "Return when all is copied; shows progress on a terminal." };
    private readonly Option<long?> _rate = Input.Rate("How much it copies in a second at most, such as 100M");

    public VolumeHydrateCommand(CliServices services)
        : base(services, "hydrate", "Copy the rest of a volume's external origin into the pool in the background, then let go of it.")
    {
        Add(_volume);
        Add(_rate);
        Add(_pause);
        Add(_resume);
        Add(_stop);
        Add(_wait);
        Validators.Add(AtMostOne);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        using ControlClient client = ClientOf(path);
        HydrateAction action = parse.GetValue(_pause) ? HydrateAction.Pause : parse.GetValue(_stop) ? HydrateAction.Stop : HydrateAction.Start;
        JobResponse job = await client.HydrateAsync(
            path.Name.ToString(), new HydrateRequest(action, parse.GetValue(_rate)), cancel).ConfigureAwait(false);
        if (parse.GetValue(_wait) && action != HydrateAction.Stop)
        {
            job = await JobWaiter.WaitAsync(client, job, output, cancel).ConfigureAwait(false);
        }

        output.Show(job, ControlJsonContext.Default.JobResponse, j => output.Line(JobTable.Line(j)));
        return 0;
    }

    private void AtMostOne(CommandResult result)
    {
        if (new[] { _pause, _resume, _stop }.Count(option => result.GetResult(option) is { Implicit: false }) > 1)
        {
            result.AddError("give one of --pause, --resume and --stop at a time");
        }
    }
}
