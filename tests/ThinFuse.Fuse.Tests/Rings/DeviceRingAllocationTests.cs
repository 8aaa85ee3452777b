using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingAllocationTests"/> over /dev/fuse, which one thread with a ring reads: it may never block.</summary>
public sealed class DeviceRingAllocationTests() : RingAllocationTests(new FuseSessionOptions { ThreadCount = 1 });
