using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary>A mount whose daemon is gone: every access fails with ENOTCONN until it is detached.</summary>
internal static class DeadMount
{
    /// <summary>Detaches it, as root by umount, otherwise by fusermount3.</summary>
    /// <param name="mountPoint">Where.</param>
    /// <param name="isLazy">Out of the tree even if files in it are open.</param>
    /// <param name="cancel">Ends the tool.</param>
    /// <exception cref="CommandFailure">Busy: files in it are still open. Failed: the tool refused.</exception>
    public static async Task DetachAsync(string mountPoint, bool isLazy, CancellationToken cancel)
    {
        ProcessOutcome outcome = Posix.EffectiveUserId() == 0
            ? await ProcessRunner.RunAsync("umount", "util-linux", isLazy ? ["-l", mountPoint] : [mountPoint], cancel).ConfigureAwait(false)
            : await ProcessRunner.RunAsync("fusermount3", "fuse3", isLazy ? ["-u", "-z", mountPoint] : ["-u", mountPoint], cancel).ConfigureAwait(false);
        if (outcome.Succeeded)
        {
            return;
        }

        throw outcome.Errors.Contains("busy", StringComparison.OrdinalIgnoreCase)
            ? MountUsers.Busy(mountPoint, outcome.Errors)
            : new CommandFailure(ControlErrorKind.Failed, $"the dead mount {mountPoint} cannot be detached: {outcome.Errors}");
    }
}
