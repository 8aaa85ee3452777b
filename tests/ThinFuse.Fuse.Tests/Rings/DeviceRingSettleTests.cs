using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingSettleTests"/> over /dev/fuse, which threads with rings read.</summary>
public sealed class DeviceRingSettleTests() : RingSettleTests(FuseTransportKind.Device);
