using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;

namespace ThinFuse.Cli.Tests.Commands;

/// <summary>Runs command lines in this process and keeps what they print.</summary>
internal sealed class CommandLineRunner
{
    /// <summary>A mount point that exists only in the runner's mount table.</summary>
    public const string Mount = "/thinfuse-test-mount";

    private readonly CliServices _services;

    /// <param name="poolDirectory">The pool that appears to be mounted at <see cref="Mount"/>; none when null.</param>
    /// <param name="pools">The offline engine; by default one that says it was not expected.</param>
    public CommandLineRunner(string? poolDirectory = null, IPoolTool? pools = null)
    {
        string[] table = poolDirectory is null ? [] : [$"1 2 0:3 / {Mount} rw - fuse.thinfuse {poolDirectory} rw,user_id=0"];
        PoolLocator locator = new(() => MountTable.Parse(table));
        _services = new CliServices(pools ?? new UnexpectedEngine(), new UnexpectedEngine(), locator);
    }

    public CliServices Services => _services;

    public async Task<CommandOutcome> RunAsync(params string[] args)
    {
        using StringWriter stdout = new();
        using StringWriter stderr = new();
        int exitCode = await ThinFuseCommandLine.RunAsync(_services, args, stdout, stderr);
        return new CommandOutcome(exitCode, stdout.ToString(), stderr.ToString());
    }
}
