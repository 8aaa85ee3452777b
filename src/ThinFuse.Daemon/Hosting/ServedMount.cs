using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Files;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Hosting;

/// <summary>A pool's mount while it is served, and the ways in which it ends. Thread-safe.</summary>
internal sealed class ServedMount(FuseMount mount, PoolFileSystem files, RestartProtection protection, ILogger logger)
{
    /// <summary>How long a termination waits for files to be closed; with what follows it stays below 10 s.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(4);

    private const int ReleaseAttempts = 20;

    private readonly CancellationTokenSource _givenUp = new();
    private readonly TaskCompletionSource<HandOverOrder> _handOver = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static readonly TimeSpan ReleasePause = TimeSpan.FromMilliseconds(10);

    /// <summary>How long readers of events, told that there is no more, may take to close.</summary>
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(1);

    /// <summary>Where it is mounted, absolute, without symbolic links.</summary>
    public string MountPoint => mount.MountPoint;

    /// <summary>How requests reach the daemon.</summary>
    public FuseTransportKind Transport => mount.Session.Transport;

    /// <summary>Has the kernel write what is dirty of a volume's file, and forget what it keeps of it. Not from a thread that answers requests.</summary>
    public void DropCached(ulong volumeId) => mount.Session.Notifier.InvalidateInode(NodeIds.OfVolume(volumeId));

    /// <summary>Whether it outlives this process.</summary>
    public RestartProtection Protection => protection;

    /// <summary>What keeps it from being protected, if it is not.</summary>
    public string ProtectionObstacle => RestartProtection.ObstacleOf(mount.Session);

    /// <summary>Has this process make way for a successor.</summary>
    /// <param name="command">The successor's program, and its first arguments.</param>
    /// <exception cref="PoolException">Usage: the mount is not protected, or the program is not there.</exception>
    public void HandOver(IReadOnlyList<string> command)
    {
        if (!protection.IsOn)
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"{MountPoint} has no restart protection, so nothing can take it over; unmount it, and mount it with --protect");
        }

        if (command.Count == 0 || command.Any(word => !Path.IsPathFullyQualified(word) || !File.Exists(word)))
        {
            throw new PoolException(PoolErrorKind.Usage, $"'{string.Join(' ', command)}' is no program to go on with");
        }

        if (!_handOver.TrySetResult(new HandOverOrder(command, 0)))
        {
            throw new PoolException(PoolErrorKind.Busy, $"{MountPoint} is being handed over already; wait for that");
        }
    }

    /// <summary>Has this process end as a termination does, in use or not, because another takes the pool over.</summary>
    /// <param name="successor">Which, for people.</param>
    public void GiveUp(string successor)
    {
        logger.LogWarning("{Successor} takes the pool over; {MountPoint} ends", successor, MountPoint);
        _ = _givenUp.CancelAsync();
    }

    /// <summary>Unmounts because somebody asked for it.</summary>
    /// <param name="isLazy">Detach it from the tree even if it is in use; it ends when its last user does.</param>
    /// <exception cref="PoolException">Busy: it is in use.</exception>
    public void Stop(bool isLazy)
    {
        int openFiles = files.OpenFiles;
        if (!isLazy && openFiles > 0)
        {
            string who = openFiles == 1 ? "1 file is" : $"{openFiles} files are";
            throw new PoolException(
                PoolErrorKind.Busy,
                $"{who} open in {MountPoint}; close what uses them (losetup -a, fuser -vm {MountPoint}), or unmount lazily");
        }

        try
        {
            Unmount(isLazy);
        }
        catch (FuseMountException refusal) when (files.EventFiles.OpenCount > 0)
        {
            string reader = $"{MountPoint}/{StatusTree.Name}/events";
            throw new PoolException(PoolErrorKind.Busy, $"somebody keeps {reader} open; close it (fuser -v {reader}), or unmount lazily", refusal);
        }
        catch (FuseMountException refusal)
        {
            // The helper program does not say which errno it got; in use is by far the likeliest once files are closed.
            PoolErrorKind kind = refusal.ErrorNumber == FuseErrno.EBUSY ? PoolErrorKind.Busy : PoolErrorKind.Failed;
            throw new PoolException(kind, refusal.Message, refusal);
        }
    }

    /// <summary>Blocks until the mount has ended, by whatever means; cancellation ends it, by force if it stays in use. Or until a successor is wanted.</summary>
    /// <returns>The order to hand over; null when the mount has ended.</returns>
    /// <exception cref="FuseException">The connection failed.</exception>
    public HandOverOrder? WaitForEnd(CancellationToken cancellation)
    {
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _givenUp.Token);
        try
        {
            if (Task.WaitAny([mount.Session.Completion, _handOver.Task], ends.Token) == 1)
            {
                return _handOver.Task.Result;
            }

            mount.Session.Completion.Wait(CancellationToken.None);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            logger.LogInformation("asked to end; unmounting {MountPoint}", MountPoint);
            Terminate();
        }
        catch (AggregateException failure) when (failure.InnerException is { } cause)
        {
            throw cause;
        }

        return null;
    }

    private void Terminate()
    {
        if (TryUnmount())
        {
            mount.Session.Completion.Wait(ClosePatience);
            return;
        }

        logger.LogWarning("{MountPoint} is in use ({OpenFiles} open files); waiting for a moment", MountPoint, files.OpenFiles);
        if (!files.WaitUntilClosed(ClosePatience) || !TryUnmount())
        {
            logger.LogWarning("{MountPoint} is still in use; its users get errors from now on", MountPoint);
            mount.Dispose();
        }
    }

    /// <summary>
    /// Unmounts; whoever waits for events stands in the way of nothing, but is told that there are no more. That is not taken back when
    /// the mount is in use by others too.
    /// </summary>
    private void Unmount(bool isLazy)
    {
        try
        {
            mount.Unmount(isLazy);
        }
        catch (FuseMountException) when (!isLazy && files.EventFiles.OpenCount > 0)
        {
            files.EventFiles.EndAll();
            files.EventFiles.WaitUntilClosed(ReaderPatience);
            UnmountAfterRelease();
        }

        files.EventFiles.EndAll();
    }

    /// <summary>The kernel tells of a file's release a moment before it lets go of the mount, and tells nobody of that.</summary>
    private void UnmountAfterRelease()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                mount.Unmount();
                return;
            }
            catch (FuseMountException) when (attempt < ReleaseAttempts && files.EventFiles.OpenCount == 0)
            {
                Thread.Sleep(ReleasePause);
            }
        }
    }

    private bool TryUnmount()
    {
        try
        {
            Unmount(isLazy: false);
            return true;
        }
        catch (FuseMountException refusal)
        {
            logger.LogInformation("not unmounted: {Reason}", refusal.Message);
            return false;
        }
    }
}
