using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingEndTests"/> over /dev/fuse, which threads with rings read.</summary>
public sealed class DeviceRingEndTests() : RingEndTests(FuseTransportKind.Device);
