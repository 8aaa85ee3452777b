using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Ownership;

/// <summary>The right to write to a pool: an exclusive flock on its lock file, which ends with the process however that ends.</summary>
/// <remarks>
/// The file's content only tells others who the owner is; after a crash it is stale, and means nothing. The file itself stays, since to
/// remove it would let two processes lock two files of one name. Child processes do not inherit the lock.
/// </remarks>
public sealed class PoolLock : IDisposable
{
    private const string FileName = "lock";
    private const uint FileMode = 0b110_000_000;
    private const int LongestContentBytes = 64 << 10;

    /// <summary>How often a start steps aside for those who only look, before it believes that something else is wrong.</summary>
    private const int MaxAttempts = 10_000;

    private readonly SafeFileHandle _handle;
    private readonly PosixFile _file;
    private readonly string? _mountPoint;
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;
    private readonly Lock _writing = new();
    private bool _hasSuccessor;

    private PoolLock(SafeFileHandle handle, PosixFile file, string? mountPoint, bool hasSuccessor)
    {
        _handle = handle;
        _file = file;
        _mountPoint = mountPoint;
        _hasSuccessor = hasSuccessor;
        WriteOwner();
    }

    /// <summary>Takes the pool for this process, without waiting.</summary>
    /// <param name="poolDirectory">An existing pool directory.</param>
    /// <param name="mountPoint">Where it will be mounted; null for an offline tool.</param>
    /// <param name="hasSuccessor">Whether another process may go on when this one ends.</param>
    /// <exception cref="PoolInUseException">Another process, or another lock of this one, has it.</exception>
    /// <exception cref="StorageException">The lock file cannot be opened or written.</exception>
    public static PoolLock Acquire(string poolDirectory, string? mountPoint, bool hasSuccessor = false)
    {
        string path = PathIn(poolDirectory);
        SafeFileHandle handle = LibC.TryOpen(path, LibC.O_RDWR | LibC.O_CREAT, FileMode, out int errno)
            ?? throw new StorageException(errno, "open", path);
        PosixFile file = new(path, handle, isBlockDevice: false, alignmentBytes: 1);
        try
        {
            if (!TryLockExclusively(handle, path))
            {
                throw new PoolInUseException(poolDirectory, ReadContent(file));
            }

            return new PoolLock(handle, file, mountPoint, hasSuccessor);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Keeps others from changing a pool while this process looks at it, without waiting: as its owner, or, where its filesystem is read-only, by a shared flock, which
    /// an owner that can write to it by another mount refuses and is refused by.
    /// </summary>
    /// <param name="poolDirectory">An existing pool directory.</param>
    /// <returns>A <see cref="PoolLock"/>, or, when nothing of the pool can be written, something else. Ends it when disposed.</returns>
    /// <exception cref="PoolInUseException">Another process, or another lock of this one, has it.</exception>
    /// <exception cref="StorageException">The lock file cannot be opened.</exception>
    public static IDisposable AcquireToLook(string poolDirectory)
    {
        try
        {
            return Acquire(poolDirectory, null);
        }
        catch (StorageException e) when (e.ErrorNumber == Errno.EROFS)
        {
            return AcquireShared(poolDirectory);
        }
    }

    /// <summary>The lock file of a pool.</summary>
    public static string PathIn(string poolDirectory) => Path.Combine(poolDirectory, FileName);

    /// <summary>The open lock file: a duplicate of it in another process keeps the lock when this process dies.</summary>
    public SafeFileHandle Handle => _handle;

    /// <summary>Goes on with the lock of a process that has ended, by a duplicate of its <see cref="Handle"/>; now this process is named as the owner.</summary>
    /// <param name="handle">The duplicate, which holds the lock. Owned from now on.</param>
    /// <param name="poolDirectory">The pool.</param>
    /// <param name="mountPoint">Where it is mounted.</param>
    /// <exception cref="StorageException">The lock file cannot be written.</exception>
    public static PoolLock Adopt(SafeFileHandle handle, string poolDirectory, string? mountPoint)
    {
        PosixFile file = new(PathIn(poolDirectory), handle, isBlockDevice: false, alignmentBytes: 1);
        return new PoolLock(handle, file, mountPoint, hasSuccessor: true);
    }

    /// <summary>
    /// Says whether another process goes on when this one ends: whoever finds nobody serving then waits for that one, or does not. On a host that has become
    /// read-only it cannot be said; then who waits does so in vain.
    /// </summary>
    public void TellSuccession(bool hasSuccessor)
    {
        lock (_writing)
        {
            if (_hasSuccessor != hasSuccessor && !_handle.IsClosed)
            {
                _hasSuccessor = hasSuccessor;
                TryWriteOwner();
            }
        }
    }

    /// <summary>
    /// Who has the pool now; null when nobody has, whatever a crashed owner left in the file, or when the owner has not written its name
    /// yet.
    /// </summary>
    /// <exception cref="StorageException">The lock file exists and cannot be read.</exception>
    public static PoolOwner? TryReadOwner(string poolDirectory)
    {
        string path = PathIn(poolDirectory);
        SafeFileHandle? handle = LibC.TryOpen(path, LibC.O_RDONLY, 0, out int errno);
        if (handle is null)
        {
            return errno == Errno.ENOENT ? null : throw new StorageException(errno, "open", path);
        }
        using PosixFile file = new(path, handle, isBlockDevice: false, alignmentBytes: 1);
        // A shared lock is refused only while there is an owner. It ends with the handle.
        return TryLock(handle, path, LibC.LOCK_SH) ? null : ReadContent(file);
    }

    /// <summary>Gives the pool back.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            if (_handle.IsClosed)
            {
                return;
            }

            try
            {
                _file.SetLength(0);
            }
            catch (StorageException)
            {
                // On a host that has become read-only. Nobody reads who owned what is not locked.
            }
            finally
            {
                // Not left to the close: a child process that is just being started may hold a copy of the descriptor until its exec.
                _ = TryLock(_handle, _file.Path, LibC.LOCK_UN);
                _file.Dispose();
            }
        }
    }

    /// <summary>Names this process, in one write that covers what stood there: whoever looks while the owner changes finds the old one or the new one.</summary>
    private void TryWriteOwner()
    {
        try
        {
            WriteOwner();
        }
        catch (StorageException)
        {
            // The lock itself holds; its content only informs.
        }
    }

    private void WriteOwner()
    {
        byte[] owner = new PoolOwner(Environment.ProcessId, Environment.MachineName, _mountPoint, _startedAt, _hasSuccessor).ToJson();
        byte[] content = new byte[Math.Max(owner.Length, Math.Min(_file.LengthBytes, LongestContentBytes))];
        content.AsSpan().Fill((byte)' ');
        owner.CopyTo(content, 0);
        _file.Write(0, content);
    }

    private static PosixFile AcquireShared(string poolDirectory)
    {
        string path = PathIn(poolDirectory);
        SafeFileHandle handle = LibC.TryOpen(path, LibC.O_RDONLY, 0, out int errno) ?? throw new StorageException(errno, "open", path);
        PosixFile file = new(path, handle, isBlockDevice: false, alignmentBytes: 1);
        try
        {
            return TryLock(handle, path, LibC.LOCK_SH) ? file : throw new PoolInUseException(poolDirectory, ReadContent(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static bool TryLockExclusively(SafeFileHandle handle, string path)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (TryLock(handle, path, LibC.LOCK_EX))
            {
                return true;
            }
            // Only an owner refuses a shared lock too; those who look hold theirs for a moment.
            if (!TryLock(handle, path, LibC.LOCK_SH))
            {
                return false;
            }
            _ = TryLock(handle, path, LibC.LOCK_UN);
            Thread.Yield();
        }
        return false;
    }

    private static bool TryLock(SafeFileHandle handle, string path, int operation)
    {
        while (LibC.FLock(handle, operation | LibC.LOCK_NB) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EWOULDBLOCK)
            {
                return false;
            }
            if (errno != Errno.EINTR)
            {
                throw new StorageException(errno, "lock", path);
            }
        }
        return true;
    }

    private static PoolOwner? ReadContent(PosixFile file)
    {
        byte[] content = new byte[Math.Min(file.LengthBytes, LongestContentBytes)];
        file.Read(0, content);
        return PoolOwner.FromJson(content);
    }
}
