using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="UnmountTests"/> over io_uring.</summary>
public sealed class UringUnmountTests : UnmountTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringUnmountTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();
}
