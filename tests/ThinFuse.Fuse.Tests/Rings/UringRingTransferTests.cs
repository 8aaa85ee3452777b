using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingTransferTests"/> over io_uring.</summary>
public sealed class UringRingTransferTests : RingTransferTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringRingTransferTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();
}
