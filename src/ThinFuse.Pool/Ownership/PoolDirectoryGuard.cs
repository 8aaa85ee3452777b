using System.Runtime.InteropServices;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Ownership;

/// <summary>
/// Keeps pools out of directories in which another user can put other files, or links to files of somebody else's, in place of the pool's: what is trusted
/// here is the directory, so that links which its owner made are as good as files.
/// </summary>
public static unsafe class PoolDirectoryGuard
{
    private const uint OwnersAlone = 0b111_000_000; // 0700

    /// <summary>Refuses a directory that does not belong to root or this process's user, or that its group or others may write.</summary>
    /// <param name="poolDirectory">An existing directory; a symbolic link is followed.</param>
    /// <exception cref="PoolException">Failed: it is refused. The message says what to do.</exception>
    /// <exception cref="StorageException">It cannot be looked at.</exception>
    public static void Require(string poolDirectory) => TrustedOwner.Require(poolDirectory, StatusOf(poolDirectory));

    /// <summary>Closes a directory that becomes a pool to everybody but its owner (0700), and refuses one that belongs to another user.</summary>
    internal static void Close(string poolDirectory)
    {
        TrustedOwner.Require(poolDirectory, StatusOf(poolDirectory) with { Mode = (ushort)OwnersAlone });
        if (LibC.ChMod(poolDirectory, OwnersAlone) < 0)
        {
            throw new StorageException(Marshal.GetLastPInvokeError(), "change the mode of", poolDirectory);
        }
    }

    private static FileStatus StatusOf(string path)
    {
        FileStatus status = default;
        return LibC.StatX(LibC.AT_FDCWD, path, 0, FileStatus.TypeAndMode | FileStatus.Owner, &status) < 0
            ? throw new StorageException(Marshal.GetLastPInvokeError(), "stat", path)
            : status;
    }
}
