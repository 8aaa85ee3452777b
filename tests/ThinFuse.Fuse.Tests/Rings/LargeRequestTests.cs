using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Transport.Uring;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>When a queue's memory moves into huge pages.</summary>
public sealed unsafe class LargeRequestTests : IDisposable
{
    private const int PageCount = 4;
    private const int Requests = 1000;

    private readonly SharedMemory _memory = new(PageCount * (nuint)SharedMemory.HugePageBytes);
    private readonly WorkerThreads _workers = new(1, PageCount, NullLogger.Instance);

    [SkippableFact]
    public void Small_requests_leave_it_as_small_as_it_is()
    {
        HugePages.RequireChoice();
        Touch(from: 0, to: PageCount);
        Carry(4096);
        HugePages.KibibytesAt((nint)_memory.Start).Should().Be(0);
    }

    [SkippableFact]
    public void Large_requests_move_what_it_holds_and_will_hold()
    {
        HugePages.Require();
        Touch(from: 0, to: PageCount / 2);
        Carry(1 << 20);
        HugePages.KibibytesAt((nint)_memory.Start).Should().Be(PageCount / 2 * (SharedMemory.HugePageBytes >> 10));

        Touch(from: PageCount / 2, to: PageCount);
        HugePages.KibibytesAt((nint)_memory.Start).Should().Be(PageCount * (SharedMemory.HugePageBytes >> 10));
        for (int i = 0; i < PageCount; i++)
        {
            _memory.Start[i * SharedMemory.HugePageBytes].Should().Be((byte)(i + 1));
        }
    }

    public void Dispose() => _memory.Dispose();

    private void Touch(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            _memory.Start[i * SharedMemory.HugePageBytes] = (byte)(i + 1);
        }
    }

    /// <summary>Returns when what follows from them is done.</summary>
    private void Carry(uint lengthBytes)
    {
        LargeRequests large = new(_memory, _workers);
        for (int i = 0; i < Requests; i++)
        {
            large.Note(lengthBytes);
        }

        _workers.Start();
        _workers.Stop();
        _workers.Join(Environment.TickCount64 + FakeKernel.PatienceMs).Should().Be(0);
    }
}
