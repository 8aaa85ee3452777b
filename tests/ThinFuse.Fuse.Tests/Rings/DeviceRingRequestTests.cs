using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingRequestTests"/> over /dev/fuse, which threads with rings read.</summary>
public sealed class DeviceRingRequestTests() : RingRequestTests(FuseTransportKind.Device);
