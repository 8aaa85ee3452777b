using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingEndTests"/> over io_uring.</summary>
public sealed class UringRingEndTests : RingEndTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringRingEndTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();
}
