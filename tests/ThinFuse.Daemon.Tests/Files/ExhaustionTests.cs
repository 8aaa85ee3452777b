using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Files;

[Collection(MountCollection.Name)]
public sealed class ExhaustionTests : IDisposable
{
    private readonly ServedPool _pool = new(poolBytes: 8 << 20);

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public void The_writer_is_told_at_once_and_goes_on_after_growth()
    {
        _pool.Sh("truncate -s 1G vm1; head -c 20M /dev/urandom > ../data").MustSucceed();

        _pool.Sh("dd if=../data of=vm1 bs=1M conv=notrunc oflag=direct").MustFailWith("No space left on device");

        // All of the refused megabyte is missing, all before it is there.
        string copied = _pool.Sh("cmp ../data vm1 2>&1 | sed 's/.* \\([0-9]*\\), line.*/\\1/'").MustSucceed();
        ((long.Parse(copied) - 1) % (1 << 20)).Should().Be(0);
        Status().Mode.Should().Be(PoolMode.OutOfSpace);
        _pool.Sh("cat .thinfuse/pool/mode").MustSucceed().Should().Be("out_of_space");
        _pool.Sh("grep ^thinfuse_no_space_total .thinfuse/metrics | cut -d' ' -f2").MustSucceed().Should().NotBe("0");
        _pool.Log.Lines.Should().Contain(
            line => line.Level == LogLevel.Warning && line.Text.StartsWith("out_of_space", StringComparison.Ordinal));

        // Blocks that are owned can be overwritten and read, and space can be given back.
        _pool.Sh("dd if=../data of=vm1 bs=1M count=4 conv=notrunc status=none && cmp -n 4M ../data vm1").MustSucceed();
        _pool.Control.GrowPoolAsync(new PoolGrowRequest(SizeBytes: 32 << 20)).GetAwaiter().GetResult().TotalBytes.Should().Be(32 << 20);
        _pool.Sh("dd if=../data of=vm1 bs=1M conv=notrunc,fsync status=none && cmp -n 20M ../data vm1").MustSucceed();
        Status().Mode.Should().Be(PoolMode.Write);
    }

    [SkippableFact]
    public void A_punch_makes_room_for_the_next_write()
    {
        _pool.Sh("truncate -s 1G vm1; dd if=/dev/urandom of=vm1 bs=1M conv=notrunc status=none").MustFailWith("No space left");

        _pool.Sh("fallocate -p -o 0 -l 2M vm1"
            + " && dd if=/dev/urandom of=vm1 bs=1M count=2 seek=100 conv=notrunc,fsync status=none").MustSucceed();
    }

    private PoolStatusResponse Status() => _pool.Control.GetPoolStatusAsync().GetAwaiter().GetResult();
}
