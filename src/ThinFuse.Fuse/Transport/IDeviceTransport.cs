using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Fuse.Transport;

/// <summary>A transport whose requests come through the device, so that its descriptors are all that a successor needs.</summary>
internal interface IDeviceTransport : IFuseTransport
{
    /// <summary>The descriptors cloned from the device; complete once <see cref="Open"/> has returned.</summary>
    IReadOnlyList<SafeFileHandle> Clones { get; }

    /// <summary>Clones the device, unless that has been done. <see cref="IFuseTransport.Start"/> does it otherwise.</summary>
    void Open();
}
