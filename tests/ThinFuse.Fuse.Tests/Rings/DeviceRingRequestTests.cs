using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingRequestTests"/> over /dev/fuse, which one thread with a ring reads: it may never block.</summary>
public sealed class DeviceRingRequestTests() : RingRequestTests(new FuseSessionOptions { ThreadCount = 1 });
