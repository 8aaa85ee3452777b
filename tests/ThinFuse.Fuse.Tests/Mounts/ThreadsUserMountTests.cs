using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="UserMountTests"/> over /dev/fuse, with a thread for each request.</summary>
public sealed class ThreadsUserMountTests() : UserMountTests(new FuseSessionOptions { UsesRings = false });
