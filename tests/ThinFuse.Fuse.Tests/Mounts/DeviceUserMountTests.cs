using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="UserMountTests"/> over /dev/fuse.</summary>
public sealed class DeviceUserMountTests() : UserMountTests(new FuseSessionOptions());
