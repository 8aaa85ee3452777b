using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;

namespace ThinFuse.Cli.Events;

/// <summary><c>thinfuse events</c>: what happened lately in a mounted pool, and with --follow what happens, until the mount ends.</summary>
internal sealed class EventsCommand : CliCommand
{
    private readonly Argument<string> _mount = Input.Path("MNT", "The place where the pool is mounted.");
    private readonly Option<bool> _follow = Input.Flag("--follow", "Go on with new events until the mount ends.");

    public EventsCommand(CliServices services)
        : base(services, "events", "Show what happened in a pool since it was mounted: the last 1000 events.")
    {
        Add(_mount);
        Add(_follow);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        MountedPool pool = Services.Locator.FromMount(parse.GetRequiredValue(_mount));
        bool follow = parse.GetValue(_follow);
        using ControlClient client = new(pool.PoolDirectory);
        await foreach (string line in client.ReadEventsAsync(follow, cancel).ConfigureAwait(false))
        {
            output.Line(line, EventText.Of);
        }

        if (follow)
        {
            output.Note($"{pool.MountPoint} is not mounted any more; there are no more events");
        }

        return 0;
    }
}
