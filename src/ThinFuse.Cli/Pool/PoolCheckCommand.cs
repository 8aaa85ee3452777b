using System.CommandLine;
using System.Globalization;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool check</c>: ends with 6 when the pool is damaged.</summary>
internal sealed class PoolCheckCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "A pool directory, or the place where it is mounted.");

    public PoolCheckCommand(CliServices services)
        : base(services, "check", "Check a pool's metadata, mounted or not; one that failed and is sound can be written to again.")
    {
        Add(_pool);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        PoolCheckResponse report = await PoolSession.RunAsync(
            Services.Locator,
            parse.GetRequiredValue(_pool),
            client => client.CheckPoolAsync(cancel),
            pool => Services.Pools.Check(pool, new ProgressLine(output, "checked"))).ConfigureAwait(false);
        output.Show(report, ControlJsonContext.Default.PoolCheckResponse, r => Show(output, r));
        return report.ProblemCount == 0 ? 0 : ControlErrorKind.Damaged.ToExitCode();
    }

    private static void Show(CommandOutput output, PoolCheckResponse report)
    {
        foreach (PoolProblemResponse problem in report.Problems)
        {
            output.Line($"problem: {problem.Message}");
        }

        if (report.ProblemCount > report.Problems.Count)
        {
            output.Line(string.Create(CultureInfo.InvariantCulture, $"... and {report.ProblemCount - report.Problems.Count} more"));
        }

        if (report.RetiredExtents != 0 || report.LostBytes != 0)
        {
            output.Line(string.Create(
                CultureInfo.InvariantCulture, $"{report.RetiredExtents} extents are retired, and {report.LostBytes} bytes are lost to bad places of the disk: reading those is EIO until they are written"));
        }

        string verdict = report.ProblemCount == 0
            ? "sound"
            : string.Create(CultureInfo.InvariantCulture, $"damaged, {report.ProblemCount} problems");
        output.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{verdict}: {report.Layers} layers, {report.Exceptions} exceptions, {report.Extents} extents owned"));
        if (report.WasNeededFor is { } reason)
        {
            output.Line($"the pool can be written to again; it could not since {reason}");
        }
    }
}
