using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Mounting;

/// <summary>Mounts with mount(2).</summary>
internal sealed class SystemCallMounter : IMounter
{
    private const string DevicePath = "/dev/fuse";

    public SafeFileHandle Mount(string mountPoint, FuseMountOptions options)
    {
        int descriptor = Libc.Open(DevicePath, Libc.OpenReadWrite | Libc.OpenCloseOnExec);
        if (descriptor < 0)
        {
            throw Failure(Marshal.GetLastPInvokeError(), $"cannot open {DevicePath}");
        }

        SafeFileHandle device = new(descriptor, ownsHandle: true);
        if (Libc.Mount(options.Source, mountPoint, $"fuse.{options.Subtype}", Libc.MountNoSetIds | Libc.MountNoDevices, Data(descriptor, options)) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            device.Dispose();
            throw Failure(errno, $"cannot mount on {mountPoint}");
        }

        return device;
    }

    public void Unmount(string mountPoint, bool lazy)
    {
        if (Libc.Unmount(mountPoint, Libc.UnmountNoFollow | (lazy ? Libc.UnmountDetach : 0)) < 0)
        {
            throw Failure(Marshal.GetLastPInvokeError(), $"cannot unmount {mountPoint}");
        }
    }

    /// <summary>A forced unmount aborts the connection first, and does so even where the mount itself is busy.</summary>
    public bool TryAbort(MountTableEntry mount) =>
        Libc.Unmount(mount.MountPoint, Libc.UnmountNoFollow | Libc.UnmountForce) == 0 || Marshal.GetLastPInvokeError() == FuseErrno.EBUSY;

    /// <summary>rootmode says "directory", in octal.</summary>
    private static string Data(int descriptor, FuseMountOptions options) =>
        $"fd={descriptor},rootmode=40000,user_id={Libc.GetEffectiveUserId()},group_id={Libc.GetEffectiveGroupId()}"
        + $",max_read={options.MaxReadBytes}"
        + (options.DefaultPermissions ? ",default_permissions" : "")
        + (options.AllowOther ? ",allow_other" : "");

    private static FuseMountException Failure(int errno, string what) => new(errno, $"{what}: {FuseErrno.Describe(errno)}");
}
