using System.Collections.Concurrent;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>What several threads with rings do between them.</summary>
[Collection(MountsCollection.Name)]
public sealed class DeviceRingTests
{
    private const int PieceBytes = 4096;

    [SkippableFact]
    public void A_request_that_comes_alone_may_block_its_thread_and_one_thread_is_always_left()
    {
        Skip.If(Environment.ProcessorCount == 1, "there is one thread with a ring, which never blocks");
        using ManualResetEventSlim release = new();
        using CountdownEvent blocked = new(Math.Min(Environment.ProcessorCount, 4) - 1);
        ConcurrentQueue<bool> others = new();
        using OneFileMount mount = new(
            new OneFileSystem
            {
                OnRead = (request, offsetBytes) =>
                {
                    if (offsetBytes == 0 && !request.ThreadMustNotBlock)
                    {
                        blocked.Signal();
                        release.Wait();
                    }
                    else
                    {
                        others.Enqueue(request.ThreadMustNotBlock);
                    }

                    request.ReplyData(PieceBytes);
                },
            },
            null,
            new FuseSessionOptions());

        // One after the other, so that each comes alone.
        List<Thread> readers = [];
        for (int wanted = blocked.InitialCount - 1; wanted >= 0; wanted--)
        {
            Thread reader = new(() => mount.Read(0, PieceBytes));
            reader.Start();
            readers.Add(reader);
            SpinWait.SpinUntil(() => blocked.CurrentCount <= wanted, FakeKernel.PatienceMs).Should().BeTrue();
        }

        for (int i = 0; i < 100; i++)
        {
            mount.Read(PieceBytes, PieceBytes);
        }

        release.Set();
        readers.Should().OnlyContain(reader => reader.Join(FakeKernel.PatienceMs));
        others.Should().HaveCount(100).And.OnlyContain(mustNotBlock => mustNotBlock);
    }
}
