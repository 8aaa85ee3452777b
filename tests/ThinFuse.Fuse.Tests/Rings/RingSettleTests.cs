using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transport.Uring;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>Answers that are held until the file system has made them true.</summary>
[Collection(MountsCollection.Name)]
public sealed class RingSettleTests
{
    private const int PieceBytes = 4096;

    private readonly CapturingLogger _logger = new();

    public RingSettleTests(UringSwitch uring) => uring.Require();

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_answer_goes_out_before_the_file_system_has_settled(bool isAnsweredElsewhere)
    {
        int answered = 0;
        int settled = 0;
        using OneFileMount mount = new(new OneFileSystem
        {
            OnSettle = () => Volatile.Write(ref settled, Volatile.Read(ref answered)),
            OnWrite = (request, _) =>
            {
                request.TryHold().Should().BeTrue();
                if (isAnsweredElsewhere)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(_ => Answer(), null);
                }
                else
                {
                    Answer();
                }

                void Answer()
                {
                    Interlocked.Increment(ref answered);
                    request.ReplyWritten(request.Payload.Length);
                }
            },
        });
        for (int i = 1; i <= 100; i++)
        {
            RandomAccess.Write(mount.Handle, new byte[PieceBytes], 0);
            Volatile.Read(ref settled).Should().Be(i, "the write has returned");
        }
    }

    [SkippableFact]
    public void What_cannot_be_settled_becomes_an_error_and_what_was_not_held_stays()
    {
        bool fails = true;
        using OneFileMount mount = new(
            new OneFileSystem
            {
                OnSettle = () =>
                {
                    if (Volatile.Read(ref fails))
                    {
                        throw new InvalidOperationException("cannot settle");
                    }
                },
                OnRead = (request, _) => request.ReplyData(PieceBytes),
                OnWrite = (request, offsetBytes) =>
                {
                    request.TryHold().Should().BeTrue();
                    if (offsetBytes == 0)
                    {
                        request.ReplyWritten(request.Payload.Length);
                    }
                    else
                    {
                        request.ReplyError(FuseErrno.ENOSPC);
                    }
                },
            },
            _logger);
        NativeFile.Write(mount.Handle, new byte[PieceBytes], 0).Should().Be(-FuseErrno.EIO);
        NativeFile.Write(mount.Handle, new byte[PieceBytes], PieceBytes).Should().Be(-FuseErrno.ENOSPC, "an error stays what it was");
        mount.Read(0, PieceBytes);
        _logger.Entries.Should().Contain(entry => entry.Level == LogLevel.Error && entry.Text.Contains("held"));

        Volatile.Write(ref fails, false);
        NativeFile.Write(mount.Handle, new byte[PieceBytes], 0).Should().Be(PieceBytes);
    }

    [SkippableFact]
    public void Nothing_is_held_where_each_answer_goes_out_at_once()
    {
        ConcurrentQueue<bool> held = new();
        using OneFileMount mount = new(
            new OneFileSystem
            {
                OnWrite = (request, _) =>
                {
                    held.Enqueue(request.TryHold());
                    request.ReplyWritten(request.Payload.Length);
                },
            },
            transport: FuseTransportKind.Device);
        RandomAccess.Write(mount.Handle, new byte[PieceBytes], 0);
        held.Should().Equal(false);
    }

    /// <summary>All requests come from one CPU, so that one ring has them all.</summary>
    [SkippableFact]
    public void Many_answers_given_at_once_are_settled_at_once()
    {
        const int Writers = 32;
        int settlings = 0;
        ConcurrentBag<FuseRequest> parked = [];
        using CountdownEvent arrived = new(Writers);
        using OneFileMount mount = new(new OneFileSystem
        {
            OnSettle = () => Interlocked.Increment(ref settlings),
            OnWrite = (request, offsetBytes) =>
            {
                if (offsetBytes != 0)
                {
                    parked.Add(request);
                    arrived.Signal();
                    return;
                }

                // All on this thread, within one look at what has completed.
                foreach (FuseRequest other in parked)
                {
                    other.ReplyWritten(other.Payload.Length);
                }

                request.ReplyWritten(request.Payload.Length);
            },
        });
        Thread[] writers = [.. Enumerable.Range(1, Writers).Select(i =>
            new Thread(() => Write(i * PieceBytes)))];
        Array.ForEach(writers, writer => writer.Start());
        arrived.Wait(FakeKernel.PatienceMs).Should().BeTrue();
        int before = Volatile.Read(ref settlings);
        Thread last = new(() => Write(0));
        last.Start();
        writers.Append(last).Should().OnlyContain(writer => writer.Join(FakeKernel.PatienceMs));
        (Volatile.Read(ref settlings) - before).Should().Be(1);

        void Write(long offsetBytes)
        {
            CpuAffinity.TryPin(0).Should().BeTrue();
            RandomAccess.Write(mount.Handle, new byte[PieceBytes], offsetBytes);
        }
    }
}
