using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="MountTests"/> over /dev/fuse, with a thread for each request.</summary>
public sealed class ThreadsMountTests() : MountTests(new FuseSessionOptions { UsesRings = false });
