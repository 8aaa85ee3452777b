using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary><see cref="UnmountTests"/> over /dev/fuse, with a thread for each request.</summary>
public sealed class ThreadsUnmountTests() : UnmountTests(new FuseSessionOptions { UsesRings = false });
