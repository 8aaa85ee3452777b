using ThinFuse.Cli.Addressing;

namespace ThinFuse.Cli.Engine;

/// <summary>The services of the real program.</summary>
internal static class Wiring
{
    public static CliServices Connect() => new(new ThinPoolTool(), new DaemonRunner(), new PoolLocator(MountTable.Read));
}
