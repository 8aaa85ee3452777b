using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Pool;

/// <summary><c>thinfuse pool set</c>.</summary>
internal sealed class PoolSetCommand : CliCommand
{
    private readonly Argument<string> _pool = Input.Path("POOL", "A pool directory, or the place where it is mounted.");
    private readonly SettingOptions _settings = new();

    public PoolSetCommand(CliServices services)
        : base(services, "set", "Change how a pool behaves, mounted or not.")
    {
        Add(_pool);
        _settings.AddTo(this);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        PoolUpdateRequest request = _settings.Of(parse);
        if (request == new PoolUpdateRequest())
        {
            throw new CommandFailure(ControlErrorKind.Usage, "nothing to set; name a setting, such as --no-space queue");
        }

        PoolStatusResponse status = await PoolSession.RunAsync(
            Services.Locator,
            parse.GetRequiredValue(_pool),
            client => client.UpdatePoolAsync(request, cancel),
            pool => Services.Pools.Update(pool, request)).ConfigureAwait(false);
        output.Show(status, ControlJsonContext.Default.PoolStatusResponse, s => output.Line(PoolStatusView.SettingsText(s)));
        return 0;
    }
}
