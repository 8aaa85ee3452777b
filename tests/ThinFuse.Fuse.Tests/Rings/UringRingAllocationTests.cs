using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingAllocationTests"/> over io_uring.</summary>
public sealed class UringRingAllocationTests : RingAllocationTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringRingAllocationTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();
}
