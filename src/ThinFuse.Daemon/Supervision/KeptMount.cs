using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Supervision;

/// <summary>What a successor must know of a mount. Its descriptors are the pool's lock, the restart memory, the device, and the device's clones.</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Negotiation">What INIT agreed on.</param>
internal sealed record KeptMount(string MountPoint, FuseNegotiation Negotiation);
