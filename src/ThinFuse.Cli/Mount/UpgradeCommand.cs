using System.CommandLine;
using System.Globalization;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Supervision;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary><c>thinfuse upgrade</c>: has this very program take over a mount from the one that serves it.</summary>
internal sealed class UpgradeCommand : CliCommand
{
    private readonly Argument<string> _mount = Input.Path("MNT", "The place where the pool is mounted.");

    public UpgradeCommand(CliServices services)
        : base(services, "upgrade", "Have this program go on with a mount; users of the mount see a pause, and no error.")
    {
        Add(_mount);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        MountedPool pool = Services.Locator.FromMount(parse.GetRequiredValue(_mount));
        using ControlClient client = new(pool.PoolDirectory);
        int before = (await client.UpgradeDaemonAsync(new DaemonUpgradeRequest(ProgramCommand.OfThis()), cancel).ConfigureAwait(false)).DaemonPid;
        if (ProcessHandle.TryOpen(before) is { } process)
        {
            using (process)
            {
                await process.WaitAsync(Timeout.InfiniteTimeSpan, cancel).ConfigureAwait(false);
            }
        }

        // Nobody listens until the successor does; then this is its answer.
        PoolStatusResponse status = await client.GetPoolStatusAsync(cancel).ConfigureAwait(false);
        if (status.UpgradeFailed == true || status.DaemonPid is not { } pid)
        {
            throw new CommandFailure(
                ControlErrorKind.Failed,
                $"this program did not come to serve {pool.MountPoint}; the one of before goes on; see {DaemonLog.PathIn(pool.PoolDirectory)}");
        }

        UpgradeResult result = new(pool.PoolDirectory, pool.MountPoint, pid, before, status.LastPauseMs ?? 0);
        output.Show(result, CliJsonContext.Default.UpgradeResult, r => output.Line(string.Create(
            CultureInfo.InvariantCulture, $"{r.MountPoint} is served by pid {r.DaemonPid} now, after a pause of {r.PauseMs} ms")));
        return 0;
    }
}
