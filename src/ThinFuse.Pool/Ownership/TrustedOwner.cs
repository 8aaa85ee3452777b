using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Ownership;

/// <summary>Whom a pool trusts: root, and the user that this process runs as.</summary>
internal static class TrustedOwner
{
    /// <summary>Refuses a file or directory that belongs to somebody else, or that its group or others may write.</summary>
    /// <param name="path">For the message.</param>
    /// <param name="status">Its owner and mode.</param>
    /// <exception cref="PoolException">Failed.</exception>
    public static void Require(string path, in FileStatus status)
    {
        uint user = LibC.GetEffectiveUser();
        if (status.UserId != 0 && status.UserId != user)
        {
            throw new PoolException(
                PoolErrorKind.Failed,
                $"{path} belongs to user {status.UserId}, who could have it mean anything; run this as that user, or give it to user {user} with chown");
        }

        if (status.IsWritableByOthers)
        {
            throw new PoolException(
                PoolErrorKind.Failed, $"{path} can be written by its group or others, who could put anything in its place; run 'chmod go-w {path}' first");
        }
    }
}
