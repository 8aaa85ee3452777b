using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingTransferTests"/> over /dev/fuse, which one thread with a ring reads: it may never block.</summary>
public sealed class DeviceRingTransferTests() : RingTransferTests(new FuseSessionOptions { ThreadCount = 1 });
