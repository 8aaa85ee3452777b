using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="MountTests"/> over /dev/fuse.</summary>
public sealed class DeviceMountTests() : MountTests(new FuseSessionOptions());
