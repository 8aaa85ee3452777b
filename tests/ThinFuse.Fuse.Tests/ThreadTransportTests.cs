using System.Collections.Concurrent;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Rings;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests;

/// <summary>A mount whose requests have a thread each.</summary>
[Collection(MountsCollection.Name)]
public sealed class ThreadTransportTests
{
    [SkippableFact]
    public void Requests_may_block_and_their_answers_are_not_held()
    {
        const int PieceBytes = 4096;
        ConcurrentQueue<(bool IsHeld, bool MustNotBlock)> seen = new();
        using OneFileMount mount = new(
            new OneFileSystem
            {
                OnWrite = (request, _) =>
                {
                    seen.Enqueue((request.TryHold(), request.ThreadMustNotBlock));
                    request.ReplyWritten(request.Payload.Length);
                },
            },
            null,
            new FuseSessionOptions { UsesRings = false });
        RandomAccess.Write(mount.Handle, new byte[PieceBytes], 0);
        seen.Should().Equal((false, false));
    }
}
