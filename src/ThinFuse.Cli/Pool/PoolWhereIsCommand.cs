using System.CommandLine;
using System.Globalization;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool whereis</c>.</summary>
internal sealed class PoolWhereIsCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "A pool directory, or the place where it is mounted.");
    private readonly Argument<ExtentPlace> _place = new("PLACE")
    {
        Description = "An extent's number, or NODE:OFFSET, a byte of a node's file or device, such as n-0:5M.",
        HelpName = "EXTENT|NODE:OFFSET",
        CustomParser = Input.Parse<ExtentPlace>(ExtentAddressText.TryParse),
    };

    public PoolWhereIsCommand(CliServices services)
        : base(services, "whereis", "Show which volumes and snapshots read an extent, and where; the pool may be mounted or not.")
    {
        Add(_pool);
        Add(_place);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        ExtentPlace place = parse.GetValue(_place);
        ExtentUseResponse use = await PoolSession.RunAsync(
            Services.Locator,
            parse.GetRequiredValue(_pool),
            client => client.WhereIsAsync(ExtentAddressText.ToQuery(place), cancel),
            pool => Services.Pools.WhereIs(pool, place)).ConfigureAwait(false);
        output.Show(use, ControlJsonContext.Default.ExtentUseResponse, u => Show(output, u));
        return 0;
    }

    private static void Show(CommandOutput output, ExtentUseResponse use)
    {
        string owner = use.Layer is null ? "" : string.Create(CultureInfo.InvariantCulture, $" by layer {use.Layer} at {use.OffsetBytes}");
        output.Line(string.Create(
            CultureInfo.InvariantCulture, $"extent {use.Extent}: {use.Node} ({use.NodePath}) bytes {use.NodeOffsetBytes} to {use.NodeOffsetBytes + use.LengthBytes}, {use.State}{owner}"));
        foreach (ExtentReaderResponse reader in use.Readers)
        {
            output.Line(string.Create(
                CultureInfo.InvariantCulture, $"{reader.Volume} offset {reader.OffsetBytes} length {reader.LengthBytes}: node byte {reader.NodeOffsetBytes}"));
        }
    }
}
