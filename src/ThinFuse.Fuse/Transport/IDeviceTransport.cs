using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Fuse.Transport;

/// <summary>A transport whose requests come through the device, so that its descriptors are all that a successor needs.</summary>
internal interface IDeviceTransport : IFuseTransport
{
    /// <summary>The descriptors cloned from the device.</summary>
    IReadOnlyList<SafeFileHandle> Clones { get; }
}
