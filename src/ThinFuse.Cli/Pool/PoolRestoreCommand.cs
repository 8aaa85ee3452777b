using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool restore</c>.</summary>
internal sealed class PoolRestoreCommand : CliCommand
{
    private readonly Argument<string> _file = Input.Path("FILE", "What 'pool dump' printed.");
    private readonly Argument<string> _pool = Input.Path("POOL", "The directory for the new metadata: new, empty, or with nothing but nodes in it.");
    private readonly Option<string[]> _nodes = new("--node")
    {
        Description = "Where a node is, in the order of their numbers, for all of them; default: where the dump says, relative paths being in POOL.",
        HelpName = "PATH",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Take nodes whose label cannot be read or names another pool." };

    public PoolRestoreCommand(CliServices services)
        : base(
            services,
            "restore",
            "Build a pool's metadata from a dump, for nodes that hold its data. The nodes then belong to POOL; the directory they came from can no longer be mounted.")
    {
        Add(_file);
        Add(_pool);
        Add(_nodes);
        Add(_force);
    }

    protected override Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string file = Path.GetFullPath(parse.GetRequiredValue(_file));
        if (!File.Exists(file))
        {
            throw new CommandFailure(ControlErrorKind.NotFound, $"there is no dump {file}; make one with 'thinfuse pool dump'");
        }

        string pool = Path.GetFullPath(parse.GetRequiredValue(_pool));
        string[] nodes = parse.GetValue(_nodes) ?? [];
        if (nodes.Any(string.IsNullOrEmpty))
        {
            throw new CommandFailure(ControlErrorKind.Usage, "the path of a node is empty; give the path of a file or block device");
        }

        using StreamReader dump = new(file);
        PoolStatusResponse status = Services.Pools.Restore(
            dump, pool, new PoolRestoreOptions { NodePaths = [.. nodes.Select(Path.GetFullPath)], Force = parse.GetValue(_force) });
        output.Show(status, ControlJsonContext.Default.PoolStatusResponse, s =>
            output.Line($"restored pool {pool}: {s.Volumes} volumes, {s.Snapshots} snapshots"));
        return Task.FromResult(0);
    }
}
