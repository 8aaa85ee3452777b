using System.Collections.Concurrent;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>The life of requests that come over io_uring.</summary>
[Collection(MountsCollection.Name)]
public abstract class RingRequestTests
{
    private const int PieceBytes = 4096;

    private readonly FuseSessionOptions _transport;

    protected RingRequestTests(FuseSessionOptions transport) => _transport = transport;

    [SkippableFact]
    public void Many_more_requests_than_entries_can_wait_and_are_answered_from_elsewhere()
    {
        const int Readers = 200;
        BlockingCollection<(FuseRequest Request, long OffsetBytes)> parked = [];
        using OneFileMount mount = Mount(new OneFileSystem { OnRead = (request, offsetBytes) => parked.Add((request, offsetBytes)) });
        ConcurrentBag<int> wrong = [];
        Thread[] readers = [.. Enumerable.Range(0, Readers).Select(i => new Thread(() =>
        {
            if (mount.Read((long)i * PieceBytes, PieceBytes).Any(value => value != (byte)i))
            {
                wrong.Add(i);
            }
        }))];
        Array.ForEach(readers, reader => reader.Start());
        for (int i = 0; i < Readers; i++)
        {
            parked.TryTake(out (FuseRequest Request, long OffsetBytes) next, FakeKernel.PatienceMs).Should().BeTrue();
            next.Request.ReadBuffer.Fill((byte)(next.OffsetBytes / PieceBytes));
            next.Request.ReplyData(PieceBytes);
        }

        readers.Should().OnlyContain(reader => reader.Join(FakeKernel.PatienceMs));
        wrong.Should().BeEmpty();
    }

    [SkippableFact]
    public void Only_what_cannot_block_is_handled_by_a_ring_s_own_thread()
    {
        ConcurrentDictionary<FuseOpcode, bool> mustNotBlock = new();
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnRead = (request, _) =>
            {
                mustNotBlock[request.Opcode] = request.ThreadMustNotBlock;
                request.ReplyData(0);
            },
            OnWrite = (request, _) =>
            {
                mustNotBlock[request.Opcode] = request.ThreadMustNotBlock;
                request.ReplyWritten(request.Payload.Length);
            },
            OnFsync = request =>
            {
                mustNotBlock[request.Opcode] = request.ThreadMustNotBlock;
                request.ReplyOk();
            },
        });
        RandomAccess.Read(mount.Handle, new byte[PieceBytes], 0).Should().Be(0);
        RandomAccess.Write(mount.Handle, new byte[PieceBytes], 0);
        RandomAccess.FlushToDisk(mount.Handle);

        mustNotBlock.Should().Equal(
            new Dictionary<FuseOpcode, bool> { [FuseOpcode.Read] = true, [FuseOpcode.Write] = true, [FuseOpcode.Fsync] = false });
    }

    [SkippableFact]
    public void Reads_go_on_while_every_worker_is_blocked()
    {
        using ManualResetEventSlim release = new();
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnRead = (request, _) => request.ReplyData(PieceBytes),
            OnFsync = request =>
            {
                release.Wait();
                request.ReplyOk();
            },
        });
        Thread[] flushers = [.. Enumerable.Range(0, 32).Select(_ => new Thread(() => RandomAccess.FlushToDisk(mount.Handle)))];
        Array.ForEach(flushers, flusher => flusher.Start());
        for (int i = 0; i < 100; i++)
        {
            mount.Read(0, PieceBytes);
        }

        release.Set();
        flushers.Should().OnlyContain(flusher => flusher.Join(FakeKernel.PatienceMs));
    }

    [SkippableFact]
    public void An_answer_given_before_the_handler_returns_arrives_when_it_has()
    {
        using ManualResetEventSlim answered = new();
        using ManualResetEventSlim go = new();
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnFsync = request =>
            {
                request.ReplyOk();
                answered.Set();
                go.Wait();
                request.Opcode.Should().Be(FuseOpcode.Fsync, "the object stands for this request as long as its handler runs");
            },
        });
        Thread flusher = new(() => RandomAccess.FlushToDisk(mount.Handle));
        flusher.Start();
        answered.Wait(FakeKernel.PatienceMs).Should().BeTrue();
        go.Set();
        flusher.Join(FakeKernel.PatienceMs).Should().BeTrue();
    }

    private OneFileMount Mount(OneFileSystem fileSystem, CapturingLogger? logger = null) => new(fileSystem, logger, _transport);
}
