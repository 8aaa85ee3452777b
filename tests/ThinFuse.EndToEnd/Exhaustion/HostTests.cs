using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Exhaustion;

/// <summary>Node files on a host that is smaller than the pool, or that wants its space back.</summary>
public sealed class HostTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int MiB = 1 << 20;

    private MemoryHost? _host;

    [SkippableTheory]
    [OnEachTransport(false)]
    [OnEachTransport(true)]
    public void A_full_host_is_ENOSPC_for_the_writer_and_deleting_gives_it_its_space_back(bool direct, string transport)
    {
        PoolFixture pool = OnHost("48M", transport, "1G", "--preallocation", "off");
        pool.StatusBytes("totalBytes").Should().Be(1024L * MiB);
        pool.StatusBytes("freeBytes").Should().BeInRange(40 * MiB, 48 * MiB, "the host can hold no more");
        string volume = pool.CreateVolume("vm1", "1G");

        // tmpfs is written through the page cache on older kernels: both ways must tell at write time.
        string[] dd = ["if=/dev/urandom", $"of={volume}", "bs=256k", "count=400", "conv=notrunc", "status=none", .. direct ? new[] { "oflag=direct" } : []];
        Tool.Run("dd", dd).MustFail("No space left on device");

        pool.Mode.Should().Be("out_of_space");
        pool.StatusBytes("freeBytes").Should().BeLessThan(MiB);
        Tool.Run("dd", $"if={volume}", "of=/dev/null", "bs=1M", "count=40", "status=none").MustSucceed();
        using (RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite))
        {
            file.Sync().Should().Be(0, "the refused write left nothing behind that could fail later");
        }

        File.Delete(volume);
        Waiting.Until("the host has its space back", () => _host!.UsedBytes < 4 * MiB, () => _host!.UsedBytes);
        pool.WaitForStatus("the pool is well again", status => status.GetProperty("mode").GetString() == "write");
        Tool.Run("dd", "if=/dev/zero", $"of={pool.CreateVolume("vm2", "64M")}", "bs=1M", "count=32", "conv=notrunc,fsync", "status=none").MustSucceed();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Under_queue_a_write_waits_for_the_host(string transport)
    {
        PoolFixture pool = OnHost("48M", transport, "1G", "--preallocation", "off", "--no-space", "queue", "--no-space-timeout", "0");
        string volume = pool.CreateVolume("vm1", "1G");
        File.WriteAllBytes(_host!.PathOf("neighbour"), new byte[24 * MiB]);
        using RunningTool fill = Tool.Start("dd", ["if=/dev/urandom", $"of={volume}", "bs=256k", "count=160", "oflag=direct", "conv=notrunc", "status=none"]);
        pool.WaitForStatus("the host is full", status => status.GetProperty("mode").GetString() == "out_of_space");
        fill.HasEnded.Should().BeFalse();
        Tool.Run("dd", $"if={volume}", "of=/dev/null", "bs=1M", "count=16", "status=none").MustSucceed();

        File.Delete(_host.PathOf("neighbour"));

        fill.Wait(TimeSpan.FromSeconds(60)).MustSucceed();
        pool.WaitForStatus("the pool is well again", status => status.GetProperty("mode").GetString() == "write");
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_block_device_gets_what_is_freed_as_discards()
    {
        Need.Loop();
        _host = new MemoryHost(Scratch, "96M");
        string backing = _host.PathOf("disk");
        Tool.Run("truncate", "--size", "64M", backing).MustSucceed();
        string device = Tool.Run("losetup", "--find", "--show", backing).MustSucceed().Text;
        try
        {
            PoolFixture pool = NewPool("64M", more: ["--node", device, "--discard", "passdown"]);
            pool.Mount();
            string volume = pool.CreateVolume("vm1", "64M");
            Tool.Run("dd", "if=/dev/urandom", $"of={volume}", "bs=1M", "count=40", "oflag=direct", "conv=notrunc,fsync", "status=none").MustSucceed();
            _host.UsedBytes.Should().BeGreaterThan(40 * MiB);

            File.Delete(volume);

            Waiting.Until("the device has discarded it", () => _host.UsedBytes < 4 * MiB, () => _host.UsedBytes);
            pool.MustBeSound();
            pool.Unmount();
        }
        finally
        {
            Tool.Run("losetup", "--detach", device);
        }
    }

    [SkippableFact]
    public void A_pool_that_cannot_extend_itself_says_so_once_and_takes_nothing_from_its_host()
    {
        PoolFixture pool = OnHost("48M", TransportUnderTest.Default, "32M", "--auto-extend", "100%", "--low-water", "50%");
        long used = _host!.UsedBytes;
        string volume = pool.CreateVolume("vm1", "1G");

        Tool.Run("dd", "if=/dev/urandom", $"of={volume}", "bs=1M", "count=40", "oflag=direct", "conv=notrunc", "status=none").MustFail("No space left on device");

        pool.StatusBytes("totalBytes").Should().Be(32 * MiB);
        _host.UsedBytes.Should().Be(used);
        string events = ThinFuseProgram.Run("events", pool.MountPoint).MustSucceed().Text;
        events.Split("auto_extend_failed").Should().HaveCount(2, events);
        events.Should().Contain("low_water");
        pool.MustBeSound();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        try
        {
            base.Dispose(disposing);
        }
        finally
        {
            _host?.Dispose();
        }
    }

    private PoolFixture OnHost(string hostSize, string transport, string poolSize, params string[] more)
    {
        _host = new MemoryHost(Scratch, hostSize);
        PoolFixture pool = NewPool(poolSize, "64K", transport, ["--node", _host.PathOf("node"), .. more]);
        pool.Mount();
        return pool;
    }
}
