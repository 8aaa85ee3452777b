using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Mounting;

/// <summary>A FUSE connection that outlives the process which serves it: another process holds duplicates of its descriptors.</summary>
/// <remarks>
/// The kernel lists the requests that a descriptor has read with that descriptor, and gives them up when its last duplicate is closed. So it takes
/// all of them, the device and every clone, to lose no request of a process that dies.
/// </remarks>
/// <param name="Device">The device that was mounted.</param>
/// <param name="Clones">The descriptors of the connection that were cloned from it.</param>
/// <param name="Negotiation">What INIT agreed on, which happens once in the life of a connection.</param>
public sealed record FuseConnection(SafeFileHandle Device, IReadOnlyList<SafeFileHandle> Clones, FuseNegotiation Negotiation);
