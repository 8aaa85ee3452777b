using System.CommandLine;
using System.Globalization;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool repair</c>.</summary>
internal sealed class PoolRepairCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "The damaged pool's directory.");
    private readonly Argument<string> _new = Input.Path("NEWPOOL", "The directory for the new metadata: new or empty.");
    private readonly Option<bool> _force = new("--force") { Description = "Take nodes whose label cannot be read or names another pool." };

    public PoolRepairCommand(CliServices services)
        : base(
            services,
            "repair",
            "Save what can be saved of a damaged pool's metadata into NEWPOOL, and say what is lost. The nodes stay where they are and then belong to NEWPOOL; "
            + "POOL can no longer be mounted, and must be kept as long as nodes lie in it.")
    {
        Add(_pool);
        Add(_new);
        Add(_force);
    }

    protected override Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string pool = Addressing.PoolLocator.PoolDirectory(parse.GetRequiredValue(_pool));
        string fresh = Path.GetFullPath(parse.GetRequiredValue(_new));
        RepairReport report = Services.Pools.Repair(pool, fresh, parse.GetValue(_force));
        output.Show(report, CliJsonContext.Default.RepairReport, r =>
        {
            foreach (RepairLoss loss in r.Losses)
            {
                output.Line($"lost: {loss.Message}");
            }

            string verdict = r.LossCount == 0 ? "everything was saved" : string.Create(CultureInfo.InvariantCulture, $"{r.LossCount} losses");
            output.Line(string.Create(
                CultureInfo.InvariantCulture, $"repaired into {fresh}: {verdict}; {r.Volumes} volumes and snapshots, {r.Extents} extents"));
        });
        return Task.FromResult(0);
    }
}
