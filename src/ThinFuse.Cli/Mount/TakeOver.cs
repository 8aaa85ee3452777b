using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Cli.Mount;

/// <summary>
/// Has the owner of a pool give it up: it is told, writes everything out, unmounts and ends. One that does not in time is killed, and nothing of it runs any
/// more when this returns, so that no write of it can come later.
/// </summary>
internal static class TakeOver
{
    /// <summary>How long an owner may take, unless told otherwise: longer than an orderly end with a mount in use.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(20);

    /// <summary>How long the control API may take to answer before the owner is told by a signal.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);

    /// <summary>How long a killed process may take to be gone; one that waits for a disk is not before that answers.</summary>
    private static readonly TimeSpan DeathPatience = TimeSpan.FromSeconds(30);

    /// <summary>Ends the owner that the pool has now. Who becomes the next is decided by the lock, as ever.</summary>
    /// <param name="locator">Finds what a killed owner leaves in the tree.</param>
    /// <param name="poolDirectory">The pool, without symbolic links.</param>
    /// <param name="patience">How long it may take to end in order.</param>
    /// <param name="cancel">Ends the wait; the owner may have been told.</param>
    /// <returns>The process that served; null when nobody had the pool.</returns>
    /// <exception cref="CommandFailure">Busy: the owner is no daemon, is on another host, cannot be seen, or does not even die.</exception>
    public static async Task<int?> RunAsync(PoolLocator locator, string poolDirectory, TimeSpan patience, CancellationToken cancel)
    {
        if (PoolLock.TryReadOwner(poolDirectory) is not { } owner)
        {
            return null;
        }

        if (owner.Host != Environment.MachineName)
        {
            throw new CommandFailure(
                ControlErrorKind.Busy, $"{poolDirectory} in use by {owner}; on another host nobody can be stopped from here: run 'thinfuse unmount' there");
        }

        if (owner.MountPoint is null)
        {
            throw new CommandFailure(ControlErrorKind.Busy, $"{poolDirectory} in use by {owner}, which is no daemon; wait for its end");
        }

        string lockFile = PoolLock.PathIn(poolDirectory);
        using LockHolders holders = LockHolders.Find(lockFile);
        if (holders.Pids.Count == 0)
        {
            return PoolLock.TryReadOwner(poolDirectory) is null
                ? owner.Pid
                : throw new CommandFailure(
                    ControlErrorKind.Busy, $"{poolDirectory} in use by {owner}, which cannot be seen from here; run this as the user who mounted it, or as root");
        }

        await TellAsync(poolDirectory, owner, holders, cancel).ConfigureAwait(false);
        if (await holders.WaitAsync(patience, cancel).ConfigureAwait(false) is not null)
        {
            await KillAsync(poolDirectory, owner, holders, cancel).ConfigureAwait(false);
            await DetachRestAsync(locator, poolDirectory, owner, cancel).ConfigureAwait(false);
        }

        return owner.Pid;
    }

    /// <summary>By name where it answers; otherwise by a signal, which a stopped process finds when it goes on.</summary>
    private static async Task TellAsync(string poolDirectory, PoolOwner owner, LockHolders holders, CancellationToken cancel)
    {
        using ControlClient client = new(poolDirectory);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AnswerPatience);
        try
        {
            DaemonStopRequest request = new(TakenOverBy: $"pid {Environment.ProcessId} on host {Environment.MachineName}");
            await client.StopDaemonAsync(request, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ControlException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // Without its server it is the supervisor that hears it.
            bool isThere = holders.Pids.Contains(owner.Pid);
            holders.Signal(ProcessHandle.Terminate, pid => !isThere || pid == owner.Pid);
        }
    }

    /// <summary>Kills all that hold the lock. The one that would start a successor goes first; a successor that it has started meanwhile holds the lock too.</summary>
    private static async Task KillAsync(string poolDirectory, PoolOwner owner, LockHolders holders, CancellationToken cancel)
    {
        holders.Signal(ProcessHandle.Kill, pid => pid != owner.Pid);
        using LockHolders rest = LockHolders.Find(PoolLock.PathIn(poolDirectory));

        // As long as the owner lives nobody else can have got the lock.
        if (holders.Pids.Contains(owner.Pid) && rest.Pids.Contains(owner.Pid))
        {
            rest.Signal(ProcessHandle.Kill, _ => true);
        }

        holders.Signal(ProcessHandle.Kill, _ => true);
        foreach (LockHolders killed in (LockHolders[])[holders, rest])
        {
            if (await killed.WaitAsync(DeathPatience, cancel).ConfigureAwait(false) is { } pid)
            {
                throw new CommandFailure(
                    ControlErrorKind.Busy,
                    $"pid {pid} was killed and is not gone: it waits for a disk, and may still write to {poolDirectory}; have the disk answer, and run this again");
            }
        }
    }

    /// <summary>What a killed owner left in the tree is out of everybody's way: those who still have files open there get errors anyway.</summary>
    private static async Task DetachRestAsync(PoolLocator locator, string poolDirectory, PoolOwner owner, CancellationToken cancel)
    {
        bool isLeft = owner.MountPoint is { } left && locator.TryFromMount(left)?.PoolDirectory == poolDirectory;
        if (isLeft && PoolLock.TryReadOwner(poolDirectory) is null)
        {
            await DeadMount.DetachAsync(owner.MountPoint!, isLazy: true, cancel).ConfigureAwait(false);
        }
    }
}
