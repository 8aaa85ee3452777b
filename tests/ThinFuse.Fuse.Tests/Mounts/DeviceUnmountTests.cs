using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="UnmountTests"/> over /dev/fuse.</summary>
public sealed class DeviceUnmountTests() : UnmountTests(new FuseSessionOptions());
