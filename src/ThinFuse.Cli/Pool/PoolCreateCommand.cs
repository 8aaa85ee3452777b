using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool create</c>.</summary>
internal sealed class PoolCreateCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "The directory to make a pool of; created if missing.");
    private readonly Option<long?> _size = Input.Size(
        "--size", "Space for data, of each file that is made for it; default: 10G. Existing nodes bring their own.");
    private readonly Option<string[]> _nodes = new("--node")
    {
        Description = "A file or block device for the data instead of a file in POOL; may be repeated.",
        HelpName = "PATH",
    };

    private readonly Option<int> _chunkSize = new("--chunk-size")
    {
        Description = "The unit of mapping, a power of two from 4K to 16M.",
        HelpName = "SIZE",
        DefaultValueFactory = _ => ChunkSize.DefaultBytes,
        CustomParser = Input.Parse<int>(ChunkSize.TryParse),
    };

    private readonly Option<NodePreallocation> _preallocation = new("--preallocation")
    {
        Description = "What new files take from the host: off (sparse), falloc (space; default), full (space written with zeros: fastest first writes).",
        HelpName = Preallocation.Words,
        CustomParser = Input.Parse<NodePreallocation>(Preallocation.TryParse),
        DefaultValueFactory = _ => NodePreallocation.Falloc,
    };

    private readonly SettingOptions _settings = new();

    public PoolCreateCommand(CliServices services)
        : base(services, "create", "Create a pool.")
    {
        Add(_pool);
        Add(_size);
        Add(_nodes);
        Add(_chunkSize);
        Add(_preallocation);
        _settings.AddTo(this);
    }

    protected override Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string pool = Path.GetFullPath(parse.GetRequiredValue(_pool));
        string[] nodes = parse.GetValue(_nodes) ?? [];
        if (nodes.Any(string.IsNullOrEmpty))
        {
            throw new CommandFailure(ControlErrorKind.Usage, "the path of a node is empty; give the path of a file or block device");
        }

        PoolStatusResponse status = Services.Pools.Create(
            pool,
            new PoolCreation(
                parse.GetValue(_size), [.. nodes.Select(Path.GetFullPath)], parse.GetValue(_chunkSize), parse.GetValue(_preallocation), _settings.Of(parse)));
        output.Show(status, ControlJsonContext.Default.PoolStatusResponse, s =>
            output.Line($"created pool {pool}: {Size.ToText(s.TotalBytes)} in chunks of {Size.ToText(s.ChunkSize)}"));
        return Task.FromResult(0);
    }
}
