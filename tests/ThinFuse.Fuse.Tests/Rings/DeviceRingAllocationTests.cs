using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingAllocationTests"/> over /dev/fuse, which threads with rings read.</summary>
public sealed class DeviceRingAllocationTests() : RingAllocationTests(FuseTransportKind.Device);
