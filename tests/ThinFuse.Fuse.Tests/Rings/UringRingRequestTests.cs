using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingRequestTests"/> over io_uring.</summary>
public sealed class UringRingRequestTests : RingRequestTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringRingRequestTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();
}
