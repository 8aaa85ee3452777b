using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;

namespace ThinFuse.Cli.CommandLine;

/// <summary>A command that does something: whatever it throws becomes one line on stderr and an exit code.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(CliServices services, string name, string description)
        : base(name, description)
    {
        Services = services;
        SetAction(InvokeAsync);
    }

    /// <summary>What lies behind the command line.</summary>
    protected CliServices Services { get; }

    /// <summary>Speaks to the daemon in whose mount a file lies.</summary>
    protected ControlClient ClientOf(VolumePath file) => new(Services.Locator.FromVolume(file).PoolDirectory);

    /// <summary>Speaks to the daemon that serves a mount.</summary>
    protected ControlClient ClientAt(string mount) => new(Services.Locator.FromMount(mount).PoolDirectory);

    /// <summary>Does the work.</summary>
    /// <param name="parse">The values of this command's arguments and options, all of them valid.</param>
    /// <param name="output">Where the result goes.</param>
    /// <param name="cancel">Set by Ctrl-C and SIGTERM.</param>
    /// <returns>The exit code of a command that was carried out: 0, or a verdict.</returns>
    protected abstract Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel);

    private async Task<int> InvokeAsync(ParseResult parse, CancellationToken cancel)
    {
        InvocationConfiguration streams = parse.InvocationConfiguration;
        bool json = ThinFuseCommandLine.IsJson(parse);
        try
        {
            bool isTerminal = ReferenceEquals(streams.Output, Console.Out) && !Console.IsOutputRedirected;
            return await RunAsync(parse, new CommandOutput(streams.Output, streams.Error, json, isTerminal), cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return new ErrorReporter(streams.Error, json).Report(e);
        }
    }
}
