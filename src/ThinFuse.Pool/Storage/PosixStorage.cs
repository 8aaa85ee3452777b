using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Pool.Storage;

/// <summary>
/// The host's filesystem. Files are created with mode 0600, directories with mode 0700; regular files that belong to neither root nor this process's user,
/// or that others can write, are refused with a <see cref="PoolException"/>. Descriptors do not pass to child processes.
/// </summary>
public sealed unsafe class PosixStorage : IStorage
{
    private const uint FileMode = 0b110_000_000;
    private const uint DirectoryMode = 0b111_000_000;

    /// <summary>What every disk and filesystem with O_DIRECT accepts; assumed where the kernel cannot be asked.</summary>
    private const int SafeAlignmentBytes = 4096;

    private readonly string _rootDirectory;

    /// <summary>
    /// Storage whose relative paths start at <paramref name="rootDirectory"/>, usually the pool directory. It need not exist yet.
    /// </summary>
    public PosixStorage(string rootDirectory)
    {
        _rootDirectory = Path.GetFullPath(rootDirectory);
        BootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    }

    /// <inheritdoc/>
    public string BootId { get; }

    /// <inheritdoc/>
    public string FullPath(string path) => Resolve(path);

    /// <inheritdoc/>
    public IStorageFile Open(string path, StorageOpenMode mode, StorageCaching caching)
    {
        string fullPath = Resolve(path);
        int flags = mode switch
        {
            StorageOpenMode.Read => LibC.O_RDONLY,
            StorageOpenMode.ReadWrite or StorageOpenMode.Adopt => LibC.O_RDWR,
            StorageOpenMode.CreateNew => LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL,
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        SafeFileHandle handle = LibC.TryOpen(fullPath, flags, FileMode, out int errno)
            ?? throw new StorageException(errno, "open", fullPath);
        try
        {
            FileStatus status = default;
            if (LibC.StatX(handle, "", LibC.AT_EMPTY_PATH, FileStatus.TypeAndMode | FileStatus.Owner | FileStatus.DirectAlignment, &status) < 0)
            {
                throw new StorageException(Marshal.GetLastPInvokeError(), "stat", fullPath);
            }
            if (status.IsDirectory)
            {
                throw new StorageException(Errno.EISDIR, "open", fullPath);
            }
            if (status.IsRegular)
            {
                MustBePrivate(handle, status, fullPath, mode);
            }
            bool isDirect = caching == StorageCaching.Direct && SwitchToDirect(handle, status, fullPath);
            int alignmentBytes = isDirect ? DirectAlignmentBytes(handle, status) : 1;
            return new PosixFile(fullPath, handle, status.IsBlockDevice, alignmentBytes);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Exists(string path)
    {
        string fullPath = Resolve(path);
        FileStatus status = default;
        if (LibC.StatX(LibC.AT_FDCWD, fullPath, 0, FileStatus.TypeAndMode, &status) == 0)
        {
            return true;
        }
        int errno = Marshal.GetLastPInvokeError();
        return errno is Errno.ENOENT or Errno.ENOTDIR ? false : throw new StorageException(errno, "stat", fullPath);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory) => DirectoryReader.List(Resolve(directory));

    /// <inheritdoc/>
    public void CreateDirectory(string directory) => CreateResolvedDirectory(Resolve(directory));

    /// <inheritdoc/>
    public void Delete(string path)
    {
        string fullPath = Resolve(path);
        if (LibC.Unlink(fullPath) < 0 && Marshal.GetLastPInvokeError() is var errno and not Errno.ENOENT)
        {
            throw new StorageException(errno, "delete", fullPath);
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        string fullFrom = Resolve(from);
        if (LibC.Rename(fullFrom, Resolve(to)) < 0)
        {
            throw new StorageException(Marshal.GetLastPInvokeError(), "rename", fullFrom);
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        string fullPath = Resolve(directory);
        using SafeFileHandle handle = LibC.TryOpen(fullPath, LibC.O_RDONLY | LibC.O_DIRECTORY, 0, out int errno)
            ?? throw new StorageException(errno, "open directory", fullPath);
        while (LibC.FSync(handle) < 0)
        {
            errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
            {
                throw new StorageException(errno, "sync directory", fullPath);
            }
        }
    }

    private static void CreateResolvedDirectory(string directory)
    {
        if (LibC.MkDir(directory, DirectoryMode) == 0)
        {
            return;
        }
        int errno = Marshal.GetLastPInvokeError();
        if (errno == Errno.ENOENT && Path.GetDirectoryName(directory) is { } parent)
        {
            CreateResolvedDirectory(parent);
            errno = LibC.MkDir(directory, DirectoryMode) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        FileStatus status = default;
        bool isThere = errno == Errno.EEXIST
            && LibC.StatX(LibC.AT_FDCWD, directory, 0, FileStatus.TypeAndMode, &status) == 0 && status.IsDirectory;
        if (errno != 0 && !isThere)
        {
            throw new StorageException(errno, "create directory", directory);
        }
    }

    /// <summary>A file that another user owns or can write is refused: he could change what the pool reads from it. Devices are what their rules make them.</summary>
    private static void MustBePrivate(SafeFileHandle handle, in FileStatus status, string fullPath, StorageOpenMode mode)
    {
        bool isClosed = mode == StorageOpenMode.Adopt && LibC.FChMod(handle, FileMode) == 0;
        TrustedOwner.Require(fullPath, isClosed ? status with { Mode = (ushort)FileMode } : status);
    }

    /// <summary>False where the file cannot do O_DIRECT.</summary>
    /// <remarks>Switched on after open(2), which would leave a new file behind when it refuses O_DIRECT.</remarks>
    private static bool SwitchToDirect(SafeFileHandle handle, in FileStatus status, string fullPath)
    {
        if ((status.Mask & FileStatus.DirectAlignment) != 0 && status.DirectOffsetAlignment == 0)
        {
            return false;
        }
        if (LibC.FCntl(handle, LibC.F_SETFL, LibC.O_DIRECT) == 0)
        {
            return true;
        }
        int errno = Marshal.GetLastPInvokeError();
        return errno == Errno.EINVAL ? false : throw new StorageException(errno, "open", fullPath);
    }

    private static int DirectAlignmentBytes(SafeFileHandle handle, in FileStatus status)
    {
        if ((status.Mask & FileStatus.DirectAlignment) != 0)
        {
            return (int)Math.Max(status.DirectMemoryAlignment, status.DirectOffsetAlignment);
        }
        int logicalBlockBytes = 0;
        bool isKnown = status.IsBlockDevice && LibC.IoCtl(handle, LibC.BLKSSZGET, &logicalBlockBytes) == 0;
        return isKnown ? logicalBlockBytes : SafeAlignmentBytes;
    }

    private string Resolve(string path) => Path.GetFullPath(path, _rootDirectory);
}
