using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>Errors that say "not now" rather than "broken": space may come.</summary>
internal static class NoSpace
{
    private const int EDQUOT = 122;

    public static bool Is(StorageException error) => error.ErrorNumber is Errno.ENOSPC or EDQUOT;
}
