using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;

namespace ThinFuse.Fuse.Transport;

/// <summary>Further descriptors of a connection, each with a list of its own of the requests it has read.</summary>
internal static unsafe class DeviceClone
{
    private const string DevicePath = "/dev/fuse";

    /// <summary>Clones the device; null, and logged, when the kernel refuses.</summary>
    public static SafeFileHandle? TryMake(SafeFileHandle device, ILogger logger)
    {
        int descriptor = Libc.Open(DevicePath, Libc.OpenReadWrite | Libc.OpenCloseOnExec);
        if (descriptor < 0)
        {
            FuseLog.CloneFailed(logger, Marshal.GetLastPInvokeError());
            return null;
        }

        SafeFileHandle clone = new(descriptor, ownsHandle: true);
        int source = (int)device.DangerousGetHandle();
        if (Libc.Ioctl(clone, Libc.CloneDevice, &source) < 0)
        {
            FuseLog.CloneFailed(logger, Marshal.GetLastPInvokeError());
            clone.Dispose();
            return null;
        }

        return clone;
    }

    /// <summary>Says whether reads of a clone wait for a request; a process before this one may have had it otherwise.</summary>
    public static void SetWaiting(SafeFileHandle clone, bool waits, ILogger logger)
    {
        if (Libc.FileControl(clone, Libc.SetStatusFlags, waits ? 0 : Libc.OpenDoNotWait) < 0)
        {
            FuseLog.DeviceFailed(logger, Marshal.GetLastPInvokeError());
        }
    }
}
