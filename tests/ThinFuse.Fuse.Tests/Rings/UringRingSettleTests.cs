using System.Collections.Concurrent;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingSettleTests"/> over io_uring.</summary>
public sealed class UringRingSettleTests : RingSettleTests
{
    private const int PieceBytes = 4096;

    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringRingSettleTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();

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
            Cpu.TryStayOnFirst().Should().BeTrue();
            RandomAccess.Write(mount.Handle, new byte[PieceBytes], offsetBytes);
        }
    }
}
