using System.Globalization;
using System.Text.RegularExpressions;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Exhaustion;

/// <summary>A pool runs full under a loop device: what dd is told, and that nothing it was told is untrue.</summary>
public sealed partial class LoopExhaustionTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int PoolMiB = 32;
    private const int SourceMiB = 48;

    [SkippableTheory]
    [OnEachTransport("4K")]
    [OnEachTransport("64K")]
    [OnEachTransport("1M")]
    [OnEachTransport("4M")]
    public void Direct_dd_gets_ENOSPC_and_everything_it_reports_as_written_is_there(string blockSize, string transport)
    {
        string device = NewDevice(transport, out PoolFixture pool);
        string source = Source(pool);

        ToolResult dd = Tool.Run("dd", $"if={source}", $"of={device}", $"bs={blockSize}", "oflag=direct", "conv=notrunc")
            .MustFail("No space left on device");
        long reported = ReportedBytes(dd);
        Output.WriteLine($"dd reports {reported} bytes");

        reported.Should().BeInRange((PoolMiB << 20) - (4 << 20), PoolMiB << 20);
        string readBack = Path.Combine(pool.Home, "read-back");
        Tool.Run("dd", $"if={device}", $"of={readBack}", "bs=1M", "iflag=direct,count_bytes", $"count={reported}").MustSucceed();
        Tool.Run("cmp", "--bytes", reported.ToString(CultureInfo.InvariantCulture), source, readBack).MustSucceed();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Buffered_dd_with_fsync_gets_an_IO_error(string transport)
    {
        string device = NewDevice(transport, out PoolFixture pool);

        Tool.Run("dd", $"if={Source(pool)}", $"of={device}", "bs=1M", "conv=notrunc,fsync").MustFail("Input/output error");

        pool.Mode.Should().Be("out_of_space");
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Blocks_that_are_owned_stay_writable_and_growth_needs_no_new_device(string transport)
    {
        string device = NewDevice(transport, out PoolFixture pool);
        string source = Source(pool);
        Tool.Run("dd", $"if={source}", $"of={device}", "bs=1M", "oflag=direct").MustFail("No space left on device");

        Tool.Run("dd", $"if={source}", $"of={device}", "bs=1M", "skip=8", "count=16", "oflag=direct").MustSucceed();
        pool.Grow("96M");
        Tool.Run("dd", $"if={source}", $"of={device}", "bs=1M", "oflag=direct", "conv=notrunc").MustSucceed();

        Tool.Run("cmp", "--bytes", (SourceMiB << 20).ToString(CultureInfo.InvariantCulture), source, device).MustSucceed();
        pool.Mode.Should().Be("write");
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_discard_on_the_device_makes_room_again(string transport)
    {
        Need.Tools("blkdiscard");
        string device = NewDevice(transport, out PoolFixture pool);
        string source = Source(pool);
        Tool.Run("dd", $"if={source}", $"of={device}", "bs=1M", "oflag=direct").MustFail("No space left on device");

        Tool.Run("blkdiscard", "--offset", "0", "--length", "16M", device).MustSucceed();

        Tool.Run("dd", $"if={source}", $"of={device}", "bs=1M", "count=14", "seek=100", "oflag=direct").MustSucceed();
        pool.MustBeSound();
    }

    private static long ReportedBytes(ToolResult dd) =>
        long.Parse(BytesCopied().Match(dd.Errors).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+) bytes", RegexOptions.Multiline)]
    private static partial Regex BytesCopied();

    private string NewDevice(string transport, out PoolFixture pool)
    {
        Need.Loop();
        pool = NewMountedPool($"{PoolMiB}M", transport: transport);
        pool.CreateVolume("vm1", "256M");
        return pool.Attach("vm1");
    }

    private string Source(PoolFixture pool)
    {
        string path = Path.Combine(pool.Home, "source");
        byte[] content = new byte[SourceMiB << 20];
        Seeded(5).NextBytes(content);
        File.WriteAllBytes(path, content);
        return path;
    }
}
