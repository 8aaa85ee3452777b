using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Daemon.Files;

/// <summary>What an exception of the engine or of a handler becomes in a system call.</summary>
internal static class EngineErrno
{
    /// <summary>The errno for an exception.</summary>
    /// <param name="exception">Whatever was thrown.</param>
    /// <param name="isExpected">
    /// Whether this is a refusal that the caller has to deal with (no space, no such name); false for what an operator must hear of:
    /// failing disks, damage, and mistakes in this program.
    /// </param>
    public static int Of(Exception exception, out bool isExpected)
    {
        (int errno, isExpected) = exception switch
        {
            FuseException refusal => (refusal.ErrorNumber, refusal.ErrorNumber != FuseErrno.EIO),
            PoolException refusal => OfKind(refusal.Kind),
            StorageException failure => OfStorage(failure.ErrorNumber),
            _ => (FuseErrno.EIO, false),
        };
        return errno;
    }

    /// <summary>
    /// The errno for a failed transfer: a full host filesystem below the pool is told as such, anything else is an I/O error.
    /// </summary>
    public static int OfTransfer(int errno) => OfStorage(errno).Errno;

    private static (int Errno, bool IsExpected) OfKind(PoolErrorKind kind) => kind switch
    {
        PoolErrorKind.NoSpace => (FuseErrno.ENOSPC, true),
        PoolErrorKind.NotFound => (FuseErrno.ENOENT, true),
        PoolErrorKind.Exists => (FuseErrno.EEXIST, true),
        PoolErrorKind.Busy => (FuseErrno.EBUSY, true),
        PoolErrorKind.Usage => (FuseErrno.EINVAL, true),
        _ => (FuseErrno.EIO, false),
    };

    private static (int Errno, bool IsExpected) OfStorage(int errno) =>
        Errno.IsNoSpace(errno) ? (FuseErrno.ENOSPC, true) : (FuseErrno.EIO, false);
}
