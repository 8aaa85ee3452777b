using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool dump</c>: lines of JSON with and without --json, for they are made to be restored from.</summary>
internal sealed class PoolDumpCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "A pool directory, or the place where it is mounted.");

    public PoolDumpCommand(CliServices services)
        : base(
            services,
            "dump",
            "Print all metadata of a pool, mounted or not: one JSON object a line (pool, node, settings, layer, volume, entry, run, end), the same bytes for "
            + "the same content. A run is a row of chunks whose extents follow one another. 'pool restore' takes it back.")
    {
        Add(_pool);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel) =>
        await PoolSession.RunAsync(
            Services.Locator,
            parse.GetRequiredValue(_pool),
            client => CopyAsync(client, output, cancel),
            pool =>
            {
                Services.Pools.Dump(pool, output.Raw);
                return 0;
            }).ConfigureAwait(false);

    private static async Task<int> CopyAsync(ControlClient client, CommandOutput output, CancellationToken cancel)
    {
        await foreach (string line in client.DumpPoolAsync(cancel).ConfigureAwait(false))
        {
            output.Line(line);
        }

        return 0;
    }
}
