using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot tree</c>.</summary>
internal sealed class SnapshotTreeCommand : CliCommand
{
    private readonly Argument<string> _mount = Input.Path("MNT", "The place where the pool is mounted.");

    public SnapshotTreeCommand(CliServices services)
        : base(services, "tree", "Show which volume or snapshot was taken from which.") => Add(_mount);

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        using ControlClient client = ClientAt(parse.GetRequiredValue(_mount));
        IReadOnlyList<TreeEntryResponse> tree = await client.GetTreeAsync(cancel).ConfigureAwait(false);
        output.Show(tree, ControlJsonContext.Default.IReadOnlyListTreeEntryResponse, entries => output.Tree(SnapshotTree.Build(entries, DateTimeOffset.UtcNow)));
        return 0;
    }
}
