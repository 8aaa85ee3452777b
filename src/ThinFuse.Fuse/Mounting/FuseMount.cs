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
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(2);

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
        options.Check();
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

    /// <summary>Goes on serving a mount whose process has ended; see <see cref="FuseSession.Resume"/>. Looks at no path below the mount point.</summary>
    /// <param name="mountPoint">The <see cref="MountPoint"/> that the mount had.</param>
    /// <param name="options">How to unmount and to serve.</param>
    /// <param name="connection">Its connection, owned from now on.</param>
    /// <param name="fileSystem">What is served.</param>
    /// <param name="logger">Told about what goes wrong later.</param>
    /// <exception cref="FuseMountException">The connection cannot be used.</exception>
    public static FuseMount Resume(
        string mountPoint, FuseMountOptions options, FuseConnection connection, FuseFileSystem fileSystem, ILogger logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(mountPoint);
        ArgumentNullException.ThrowIfNull(options);
        IMounter mounter = ChooseMounter(options.Method);
        try
        {
            return new FuseMount(mountPoint, mounter, FuseSession.Resume(connection, fileSystem, options.Session, logger), logger);
        }
        catch (FuseException refusal)
        {
            throw new FuseMountException(refusal.ErrorNumber, $"cannot go on serving {mountPoint}: {refusal.Message}");
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
        while (FindMount() is MountTableEntry mount && TryRemove(mount))
        {
            // A mount may show at several places of the tree.
        }

        if (!EndsSoon() && _device != null)
        {
            ControlFileSystem.TryAbort(_device);
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

    private static IMounter ChooseMounter(FuseMountMethod method) => method switch
    {
        FuseMountMethod.SystemCall => new SystemCallMounter(),
        FuseMountMethod.Helper => new HelperMounter(),
        _ => Libc.GetEffectiveUserId() == 0 ? new SystemCallMounter() : new HelperMounter(),
    };

    private static bool TryUnmount(IMounter mounter, string path, ILogger logger)
    {
        try
        {
            mounter.Unmount(path, lazy: true);
            return true;
        }
        catch (FuseMountException exception)
        {
            FuseLog.UnmountFailed(logger, path, exception.Message);
            return false;
        }
    }

    /// <summary>A path names its topmost mount; where that is not ours, ours cannot be named.</summary>
    private static bool IsCovered(MountTableEntry mount) => MountTable.FindAt(mount.MountPoint)?.Device != mount.Device;

    /// <summary>
    /// Finds the mount by its device number, so that another's mount on the same path is left alone. The number is ours for certain
    /// while the connection lasts; after that it may have been given to another, and only a dead mount can be ours.
    /// </summary>
    private MountTableEntry? FindMount()
    {
        MountTableEntry? mount = _device == null ? null : MountTable.FindDevice(_device, MountPoint);
        return mount != null && !Session.IsConnected && !MountTable.IsDead(mount) ? null : mount;
    }

    private void Unmount(MountTableEntry mount, bool lazy)
    {
        if (IsCovered(mount))
        {
            throw new FuseMountException(FuseErrno.EBUSY, $"cannot unmount {mount.MountPoint}: another mount covers it");
        }

        _mounter.Unmount(mount.MountPoint, lazy);
    }

    private bool TryRemove(MountTableEntry mount)
    {
        try
        {
            Unmount(mount, lazy: false);
            return true;
        }
        catch (FuseMountException exception)
        {
            // In use, or the server can answer no more: the harder means follow.
            if (IsCovered(mount))
            {
                FuseLog.UnmountFailed(_logger, mount.MountPoint, exception.Message);
                return false;
            }
        }

        _mounter.TryAbort(mount);
        return IsCovered(mount) || TryUnmount(_mounter, mount.MountPoint, _logger);
    }

    private bool EndsSoon() => Task.WaitAny([Session.Completion], EndPatience) == 0;
}
