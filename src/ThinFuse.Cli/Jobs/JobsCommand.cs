using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Jobs;

/// <summary><c>thinfuse jobs</c>: the copies that go on in the background; with an option, a change of one of them.</summary>
internal sealed class JobsCommand : CliCommand
{
    private readonly Argument<string> _mount = Input.Path("MNT", "The place where the pool is mounted.");
    private readonly Option<long?> _pause = JobOption("--pause", "Have this job stand still.");
    private readonly Option<long?> _resume = JobOption("--resume", "Let this job go on.");
    private readonly Option<(long Id, long BytesPerSecond)?> _rate = new("--rate")
    {
        Description = $"Let this job copy no faster than so many bytes a second from now on, such as 3=100M; {Rate.NoLimit} for no limit.",
        HelpName = "ID=SIZE",
        CustomParser = Input.Parse<(long, long)?>(ParseRate),
    };

    private readonly Option<long?> _cancel = JobOption("--cancel", "End this job; what it copied stays.");

    public JobsCommand(CliServices services)
        : base(services, "jobs", "Show the copies that go on in the background of a pool, or change one.")
    {
        Add(_mount);
        Add(_pause);
        Add(_resume);
        Add(_rate);
        Add(_cancel);
        Validators.Add(AtMostOne);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        using ControlClient client = ClientAt(parse.GetRequiredValue(_mount));
        Task<JobResponse>? change =
            parse.GetValue(_pause) is { } paused ? client.UpdateJobAsync(paused, new JobUpdateRequest(Paused: true), cancel)
            : parse.GetValue(_resume) is { } resumed ? client.UpdateJobAsync(resumed, new JobUpdateRequest(Paused: false), cancel)
            : parse.GetValue(_rate) is { } rate ? client.UpdateJobAsync(rate.Id, new JobUpdateRequest(RateBytesPerSecond: rate.BytesPerSecond), cancel)
            : parse.GetValue(_cancel) is { } cancelled ? client.CancelJobAsync(cancelled, cancel)
            : null;
        if (change is not null)
        {
            output.Show(await change.ConfigureAwait(false), ControlJsonContext.Default.JobResponse, job => output.Line(JobTable.Line(job)));
            return 0;
        }

        IReadOnlyList<JobResponse> jobs = await client.ListJobsAsync(cancel).ConfigureAwait(false);
        output.Show(jobs, ControlJsonContext.Default.IReadOnlyListJobResponse, all => output.Table(JobTable.Of(all)));
        return 0;
    }

    private static Option<long?> JobOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ID",
        CustomParser = Input.Parse<long?>(ParseId),
    };

    private static bool ParseId(string text, out long? value, out string problem)
    {
        bool isId = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long id);
        value = id;
        problem = isId ? "" : $"'{text}' is not the id of a job; 'thinfuse jobs MNT' shows them";
        return isId;
    }

    private static bool ParseRate(string text, out (long Id, long BytesPerSecond)? value, out string problem)
    {
        string[] parts = text.Split('=', 2);
        value = null;
        if (!ParseId(parts[0], out long? id, out problem))
        {
            return false;
        }

        if (parts.Length == 1)
        {
            problem = $"'{text}' names a job and no rate; say {text}=100M, or {text}={Rate.NoLimit}";
            return false;
        }

        bool isRate = Rate.TryParse(parts[1], out long rate, out problem);
        value = (id!.Value, rate);
        return isRate;
    }

    private void AtMostOne(CommandResult result)
    {
        if (new Option[] { _pause, _resume, _rate, _cancel }.Count(option => result.GetResult(option) is not null) > 1)
        {
            result.AddError("give one of --pause, --resume, --rate and --cancel at a time");
        }
    }
}
