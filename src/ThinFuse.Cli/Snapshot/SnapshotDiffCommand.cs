using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot diff</c>.</summary>
internal sealed class SnapshotDiffCommand : CliCommand
{
    private readonly Argument<VolumePath> _from = Input.VolumeOrSnapshot("FROM", "The earlier file, MNT/VOLUME@NAME or MNT/VOLUME.");
    private readonly Argument<VolumePath> _to = Input.VolumeOrSnapshot("TO", "The later file, of the same pool; a volume is taken as it is now.");
    private readonly Option<bool> _unrelated = Input.Flag("--unrelated", "Compare files too that have nothing in common: all that either holds.");

    public SnapshotDiffCommand(CliServices services)
        : base(services, "diff", "Show in which ranges a file differs from an earlier one.")
    {
        Add(_from);
        Add(_to);
        Add(_unrelated);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath from = parse.GetRequiredValue(_from);
        VolumePath to = parse.GetRequiredValue(_to);
        MountedPool pool = Services.Locator.FromVolume(from);
        if (Services.Locator.FromVolume(to).PoolDirectory != pool.PoolDirectory)
        {
            throw new CommandFailure(ControlErrorKind.Usage, $"{to.FullPath} is in another pool; only files of one pool can be compared");
        }

        long count = 0;
        long dataBytes = 0;
        long zeroBytes = 0;
        using ControlClient client = new(pool.PoolDirectory);
        await foreach (string line in client.ReadDiffAsync(
            from.Name.ToString(), to.Name.ToString(), parse.GetValue(_unrelated), cancel).ConfigureAwait(false))
        {
            output.Line(line, text =>
            {
                DiffRangeResponse range = DiffRange.Parse(text);
                count++;
                dataBytes += range.Kind == DiffRangeKind.Data ? range.Length : 0;
                zeroBytes += range.Kind == DiffRangeKind.Zero ? range.Length : 0;
                return $"{range.Offset,17}  {range.Length,17}  {(range.Kind == DiffRangeKind.Data ? "data" : "zero")}";
            });
        }

        output.Summary($"{count} ranges: {Size.ToText(dataBytes)} data, {Size.ToText(zeroBytes)} zero");
        return 0;
    }
}
