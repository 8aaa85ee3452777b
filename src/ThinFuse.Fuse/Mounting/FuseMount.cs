using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Mounting;

/// <summary>A mounted file system and the session that serves it. Thread-safe.</summary>
/// <remarks>No method may be called from a handler of the file system.</remarks>
public sealed class FuseMount : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly IMounter _mounter;
    private readonly ILogger _logger;
    private readonly string? _device;

    private FuseMount(string mountPoint, IMounter mounter, FuseSession session, ILogger logger)
    {
        MountPoint = mountPoint;
        Session = session;
        _mounter = mounter;
        _logger = logger;
        _device = MountTable.FindAt(mountPoint)?.Device;
    }

    /// <summary>The mount point: an absolute path without symbolic links.</summary>
    public string MountPoint { get; }

    /// <summary>The session that serves the mount.</summary>
    public FuseSession Session { get; }

    /// <summary>Mounts a file system, and returns when it serves.</summary>
    /// <param name="mountPoint">An existing directory. What it holds is hidden while the mount lasts.</param>
    /// <param name="options">How to mount and to serve.</param>
    /// <param name="fileSystem">What is served.</param>
    /// <param name="logger">Told about what goes wrong later.</param>
    /// <exception cref="FuseMountException">It cannot be mounted; nothing is left behind.</exception>
    public static FuseMount Mount(string mountPoint, FuseMountOptions options, FuseFileSystem fileSystem, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        string path = ResolveMountPoint(mountPoint);
        CheckOptions(options);
        IMounter mounter = ChooseMounter(options.Method);
        SafeFileHandle device = mounter.Mount(path, options);
        try
        {
            FuseSession session = FuseSession.Start(device, fileSystem, options.Session, logger);
            return new FuseMount(path, mounter, session, logger);
        }
        catch (Exception exception)
        {
            TryUnmount(mounter, path, logger);
            throw exception is FuseException fuse ? new FuseMountException(fuse.ErrorNumber, $"cannot mount on {path}: {fuse.Message}") : exception;
        }
    }

    /// <summary>Blocks until the file system is unmounted by whatever means; see <see cref="FuseSession.Completion"/>.</summary>
    public void Wait() => Session.Wait();

    /// <summary>Waits until the file system is unmounted by whatever means; see <see cref="FuseSession.Completion"/>.</summary>
    /// <param name="cancellation">Ends the waiting, not the mount.</param>
    public Task WaitAsync(CancellationToken cancellation = default) => Session.WaitAsync(cancellation);

    /// <summary>Unmounts. The session goes on until the last user of a lazily detached mount is gone. Does nothing when it is unmounted already.</summary>
    /// <param name="lazy">Whether a mount in use is detached from the tree; otherwise it is refused with EBUSY.</param>
    /// <exception cref="FuseMountException">It cannot be unmounted.</exception>
    public void Unmount(bool lazy = false)
    {
        if (FindMount() is MountTableEntry mount)
        {
            Unmount(mount, lazy);
        }
    }

    /// <summary>
    /// Removes the mount if it is still there, gently if it is not in use, else by aborting the connection: whoever uses it gets errors.
    /// Then ends the session. Never throws for a mount that cannot be removed, but logs it.
    /// </summary>
    public void Dispose()
    {
        if (FindMount() is MountTableEntry mount)
        {
            Remove(mount);
        }

        Session.Dispose();
    }

    private static string ResolveMountPoint(string mountPoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(mountPoint);
        string path = CanonicalPath.Of(Path.GetFullPath(mountPoint));
        return Directory.Exists(path)
            ? path
            : throw new FuseMountException(FuseErrno.ENOTDIR, $"cannot mount on {path}: {FuseErrno.Describe(FuseErrno.ENOTDIR)}");
    }

    private static void CheckOptions(FuseMountOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Source);
        ArgumentException.ThrowIfNullOrEmpty(options.Subtype);
        if (options.Subtype.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_')))
        {
            throw new ArgumentException($"'{options.Subtype}' is no subtype of a file system.", nameof(options));
        }

        if (options.MaxReadBytes is <= 0 or > FuseRequest.DataCapacityBytes || options.MaxReadBytes % FuseRequestMemory.PageBytes != 0)
        {
            throw new ArgumentException($"{options.MaxReadBytes} is no multiple of the page size up to 1 MiB.", nameof(options));
        }
    }

    private static IMounter ChooseMounter(FuseMountMethod method) => method switch
    {
        FuseMountMethod.SystemCall => new SystemCallMounter(),
        FuseMountMethod.Helper => new HelperMounter(),
        _ => Libc.GetEffectiveUserId() == 0 ? new SystemCallMounter() : new HelperMounter(),
    };

    private static void TryUnmount(IMounter mounter, string path, ILogger logger)
    {
        try
        {
            mounter.Unmount(path, lazy: true);
        }
        catch (FuseMountException exception)
        {
            FuseLog.UnmountFailed(logger, path, exception.Message);
        }
    }

    /// <summary>
    /// Finds the mount by its device number, so that another's mount on the same path is left alone. The number may have been given to
    /// another once the connection is over: then only a dead mount can be ours.
    /// </summary>
    private MountTableEntry? FindMount()
    {
        MountTableEntry? mount = _device == null ? null : MountTable.FindDevice(_device);
        return mount != null && Session.Completion.IsCompleted && !MountTable.IsDead(mount) ? null : mount;
    }

    /// <summary>A path names its topmost mount; where that is not ours, ours cannot be named.</summary>
    private static bool IsCovered(MountTableEntry mount) => MountTable.FindAt(mount.MountPoint)?.Device != mount.Device;

    private void Unmount(MountTableEntry mount, bool lazy)
    {
        if (IsCovered(mount))
        {
            throw new FuseMountException(FuseErrno.EBUSY, $"cannot unmount {mount.MountPoint}: another mount covers it");
        }

        _mounter.Unmount(mount.MountPoint, lazy);
    }

    private void Remove(MountTableEntry mount)
    {
        try
        {
            Unmount(mount, lazy: false);
            if (EndsSoon())
            {
                return;
            }
        }
        catch (FuseMountException)
        {
            // In use, or the server can answer no more: the harder means follow, and report.
        }

        bool covered = IsCovered(mount);
        bool aborted = covered ? ControlFileSystem.TryAbort(mount) : _mounter.TryAbort(mount);
        if (covered)
        {
            FuseLog.UnmountFailed(_logger, mount.MountPoint, "another mount covers it");
        }
        else if (FindMount() != null)
        {
            TryUnmount(_mounter, mount.MountPoint, _logger);
        }

        if (aborted)
        {
            EndsSoon();
        }
    }

    private bool EndsSoon() => Task.WaitAny([Session.Completion], EndPatience) == 0;
}
