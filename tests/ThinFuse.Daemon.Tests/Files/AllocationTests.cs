using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Files;

[Collection(MountCollection.Name)]
public sealed class AllocationTests : IDisposable
{
    private const int Requests = 10_000;

    /// <summary>Below the smallest object, 24 bytes, and above what runs beside: starting the tool, the control API, the log.</summary>
    private const int MaxBytesPerRequest = 16;

    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [SkippableTheory]
    [InlineData("dd if=vm1 of=/dev/null bs=4k count=10000 iflag=direct status=none")]
    [InlineData("dd if=/dev/zero of=vm1 bs=4k count=10000 oflag=direct conv=notrunc status=none")]
    [InlineData("dd if=/dev/zero of=vm1 bs=4000 count=10000 conv=notrunc status=none")]
    public void Reading_and_overwriting_allocate_nothing(string command)
    {
        _pool.Sh("head -c 40M /dev/urandom > vm1").MustSucceed();
        _pool.Sh(command).MustSucceed();
        long before = GC.GetTotalAllocatedBytes(precise: true);

        _pool.Sh(command).MustSucceed();

        (GC.GetTotalAllocatedBytes(precise: true) - before).Should().BeLessThan((long)Requests * MaxBytesPerRequest);
    }
}
