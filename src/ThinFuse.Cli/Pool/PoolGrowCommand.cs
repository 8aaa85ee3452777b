using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool grow</c>.</summary>
internal sealed class PoolGrowCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "A pool directory, or the place where it is mounted.");
    private readonly Option<long?> _size = Input.Size("--size", "The new size of the whole pool.");
    private readonly Option<string?> _node = new("--node") { Description = "A file or block device to add.", HelpName = "PATH" };

    public PoolGrowCommand(CliServices services)
        : base(services, "grow", "Give a pool more space, mounted or not.")
    {
        Add(_pool);
        Add(_size);
        Add(_node);
        Validators.Add(result =>
        {
            if (result.GetResult(_size) is null == result.GetResult(_node) is null)
            {
                result.AddError("give either --size NEW_TOTAL or --node PATH");
            }
            else if (result.GetResult(_node)?.Tokens is [{ Value.Length: 0 }])
            {
                result.AddError("the path of a node is empty");
            }
        });
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string? node = parse.GetValue(_node);
        PoolGrowRequest request = new(parse.GetValue(_size), node is null ? null : Path.GetFullPath(node));
        PoolStatusResponse status = await PoolSession.RunAsync(
            Services.Locator,
            parse.GetRequiredValue(_pool),
            client => client.GrowPoolAsync(request, cancel),
            pool => Services.Pools.Grow(pool, request)).ConfigureAwait(false);
        output.Show(status, ControlJsonContext.Default.PoolStatusResponse, s =>
            output.Line($"the pool has {Size.ToText(s.TotalBytes)}, {Size.ToText(s.FreeBytes)} of it free"));
        return 0;
    }
}
