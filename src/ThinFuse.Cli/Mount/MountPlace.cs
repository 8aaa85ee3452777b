using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary>The directory a pool is to be mounted at.</summary>
internal static class MountPlace
{
    /// <summary>
    /// Whether this very pool serves there already. What a killed daemon of this pool left behind is detached first.
    /// </summary>
    /// <returns>The mount, or null when the place is free of this pool.</returns>
    /// <exception cref="CommandFailure">Busy: another pool is mounted there, or the dead mount is still used.</exception>
    public static async Task<MountResult?> FindServingAsync(
        PoolLocator locator, string poolDirectory, string mountPoint, CancellationToken cancel)
    {
        if (locator.TryFromMount(mountPoint) is not { } mounted)
        {
            return null;
        }

        if (mounted.PoolDirectory != poolDirectory)
        {
            throw new CommandFailure(
                ControlErrorKind.Busy,
                $"{mounted.MountPoint} is the mount of pool {mounted.PoolDirectory}; unmount that first, or choose another directory");
        }

        using ControlClient client = new(poolDirectory);
        try
        {
            PoolStatusResponse status = await client.GetPoolStatusAsync(cancel).ConfigureAwait(false);
            return new MountResult(poolDirectory, mounted.MountPoint, status.DaemonPid, AlreadyMounted: true, status.RestartProtection);
        }
        catch (ControlException e) when (e.Kind == ControlErrorKind.NotFound && Posix.Probe(mounted.MountPoint) == Posix.ENOTCONN)
        {
            await DeadMount.DetachAsync(mounted.MountPoint, isLazy: false, cancel).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>The directory, absolute and without symbolic links; it exists and is empty.</summary>
    /// <exception cref="CommandFailure">It is not there, is no directory, or has something in it.</exception>
    public static string RequireEmpty(string mountPoint)
    {
        if (PathResolver.TryResolve(mountPoint) is not { } resolved)
        {
            string full = Path.GetFullPath(mountPoint);
            throw Posix.Probe(full) == Posix.ENOTCONN
                ? new CommandFailure(
                    ControlErrorKind.Busy, $"{full} is the mount of a daemon that died; run 'thinfuse unmount {full}' first")
                : new CommandFailure(ControlErrorKind.NotFound, $"there is no directory {full}; create it with 'mkdir -p {full}'");
        }

        if (!Directory.Exists(resolved))
        {
            throw new CommandFailure(ControlErrorKind.Usage, $"{resolved} is not a directory; give an empty directory to mount at");
        }

        return Directory.EnumerateFileSystemEntries(resolved).Any()
            ? throw new CommandFailure(ControlErrorKind.Usage, $"{resolved} is not empty; give an empty directory to mount at")
            : resolved;
    }
}
