using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.DeviceRings;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport;

/// <summary>How requests that come through the device are served: by a few threads with rings, or by many that wait for what they read and write.</summary>
internal static class DeviceTransport
{
    /// <summary>Makes a transport, which does not serve yet.</summary>
    /// <param name="device">The connection.</param>
    /// <param name="clones">Those that a process before this one made, which belong to the transport from now on; null to make them.</param>
    /// <param name="options">How to serve.</param>
    /// <param name="requests">The session's requests.</param>
    /// <param name="dispatcher">Handles them.</param>
    /// <param name="logger">Told why there are no rings.</param>
    public static IDeviceTransport Make(
        SafeFileHandle device, IReadOnlyList<SafeFileHandle>? clones, FuseSessionOptions options, FuseRequestPool requests, FuseDispatcher dispatcher,
        ILogger logger)
    {
        if (options is { CloneDevice: true, UsesRings: true } && clones is not [])
        {
            try
            {
                return new DeviceRingTransport(device, clones, options, requests, dispatcher, logger);
            }
            catch (FuseException refusal)
            {
                FuseLog.NoDeviceRings(logger, FuseErrno.Describe(refusal.ErrorNumber));
            }
        }

        return new ThreadTransport(device, clones, options, requests, dispatcher, logger);
    }
}
