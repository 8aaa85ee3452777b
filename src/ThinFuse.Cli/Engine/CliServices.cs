using ThinFuse.Cli.Addressing;

namespace ThinFuse.Cli.Engine;

/// <summary>What lies behind the command line.</summary>
/// <param name="Pools">Pools that nobody serves.</param>
/// <param name="Daemon">Serving a pool.</param>
/// <param name="Locator">Where pools are mounted.</param>
internal sealed record CliServices(IPoolTool Pools, IDaemonRunner Daemon, PoolLocator Locator)
{
    /// <summary>stdin and stdout of commands that read or write bytes.</summary>
    public StandardStreams Streams { get; init; } = StandardStreams.OfProcess;
}
