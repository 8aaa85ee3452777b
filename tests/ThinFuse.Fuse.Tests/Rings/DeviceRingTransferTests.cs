using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingTransferTests"/> over /dev/fuse, which threads with rings read.</summary>
public sealed class DeviceRingTransferTests() : RingTransferTests(FuseTransportKind.Device);
