using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="MountTests"/> over io_uring.</summary>
public sealed class UringMountTests : MountTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringMountTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();
}
