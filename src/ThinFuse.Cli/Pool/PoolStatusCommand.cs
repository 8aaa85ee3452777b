using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool status</c>.</summary>
internal sealed class PoolStatusCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "A pool directory, or the place where it is mounted.");

    public PoolStatusCommand(CliServices services)
        : base(services, "status", "Show a pool's space, mode and nodes.")
    {
        Add(_pool);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        PoolStatusResponse status = await PoolSession.RunAsync(
            Services.Locator,
            parse.GetRequiredValue(_pool),
            client => client.GetPoolStatusAsync(cancel),
            Services.Pools.GetStatus).ConfigureAwait(false);
        output.Show(status, ControlJsonContext.Default.PoolStatusResponse, s => PoolStatusView.Show(output, s));
        return 0;
    }
}
