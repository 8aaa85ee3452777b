using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary><c>thinfuse unmount</c>: when it returns, the daemon has ended and the pool is free.</summary>
internal sealed class UnmountCommand : CliCommand
{
    private readonly Argument<string> _mount = Input.Path("MNT", "The place where the pool is mounted.");
    private readonly Option<bool> _lazy = new("--lazy")
    {
        Description = "Detach the mount now; the daemon ends when the last file is closed.",
    };

    private readonly Option<TimeSpan?> _timeout = new("--timeout")
    {
        Description = "How long to wait for the daemon's end, such as 30s; default: as long as it takes.",
        HelpName = "DURATION",
        CustomParser = Input.Parse<TimeSpan?>(ParseTimeout),
    };

    public UnmountCommand(CliServices services)
        : base(services, "unmount", "Write everything out, unmount a pool and end its daemon.")
    {
        Add(_mount);
        Add(_lazy);
        Add(_timeout);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string place = Path.GetFullPath(parse.GetRequiredValue(_mount));
        MountedPool? pool = Services.Locator.TryFromMount(place);
        if (pool is null && (!Directory.Exists(place) || Services.Locator.IsMountPoint(place)))
        {
            // Not there at all, or something else is mounted.
            pool = Services.Locator.FromMount(place);
        }

        if (pool is not null)
        {
            await StopAsync(
                pool, parse.GetValue(_lazy), parse.GetValue(_timeout) ?? Timeout.InfiniteTimeSpan, cancel).ConfigureAwait(false);
        }

        UnmountResult result = new(pool?.PoolDirectory, pool?.MountPoint ?? place, pool is not null);
        output.Show(result, CliJsonContext.Default.UnmountResult, r =>
            output.Line(r.WasMounted ? $"unmounted {r.MountPoint}" : $"nothing is mounted at {r.MountPoint}"));
        return 0;
    }

    private static async Task StopAsync(MountedPool pool, bool lazy, TimeSpan timeout, CancellationToken cancel)
    {
        using ControlClient client = new(pool.PoolDirectory);
        try
        {
            PoolStatusResponse status = await client.GetPoolStatusAsync(cancel).ConfigureAwait(false);

            // Taken before the daemon is asked to end, so that the number still means this process.
            using ProcessHandle? daemon = status.DaemonPid is { } pid ? ProcessHandle.TryOpen(pid) : null;
            await client.StopDaemonAsync(new DaemonStopRequest(lazy), cancel).ConfigureAwait(false);
            if (!lazy && daemon is not null && !await daemon.WaitAsync(timeout, cancel).ConfigureAwait(false))
            {
                throw new CommandFailure(
                    ControlErrorKind.Busy,
                    $"the daemon of {pool.MountPoint}, pid {status.DaemonPid}, is still writing out; run this again to wait for it");
            }
        }
        catch (ControlException e) when (e is { Kind: ControlErrorKind.NotFound, InnerException: not null })
        {
            // Nobody listens: the daemon died and left its mount.
            await DeadMount.DetachAsync(pool.MountPoint, isLazy: false, cancel).ConfigureAwait(false);
        }
        catch (ControlException e) when (e.Kind == ControlErrorKind.Busy)
        {
            throw MountUsers.Busy(pool.MountPoint, e.Message);
        }
    }

    private static bool ParseTimeout(string text, out TimeSpan? value, out string problem)
    {
        bool isDuration = Duration.TryParse(text, out TimeSpan duration, out problem);
        value = duration;
        return isDuration;
    }
}
