using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="UserMountTests"/> over io_uring.</summary>
public sealed class UringUserMountTests : UserMountTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringUserMountTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();
}
