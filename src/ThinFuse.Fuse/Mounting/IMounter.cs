using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Fuse.Mounting;

/// <summary>Makes and removes mounts. All methods throw <see cref="FuseMountException"/>.</summary>
internal interface IMounter
{
    /// <summary>Mounts, and returns the device of the connection, on which the kernel's INIT waits.</summary>
    SafeFileHandle Mount(string mountPoint, FuseMountOptions options);

    /// <summary>Removes the topmost mount of a path.</summary>
    /// <param name="mountPoint">The path.</param>
    /// <param name="lazy">Whether a mount in use is detached: gone from the tree at once, alive for those who still use it.</param>
    void Unmount(string mountPoint, bool lazy);

    /// <summary>Ends the connection of a mount: whoever waits for an answer gets an error. Best effort; false when there is no means to.</summary>
    bool TryAbort(MountTableEntry mount);
}
