using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Exhaustion;

/// <summary>A pool whose policy is that writes wait for space.</summary>
public sealed class QueueTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private RunningTool? _fill;

    [SkippableTheory]
    [OnEachTransport]
    public void A_fill_waits_for_growth_and_holds_up_nobody_meanwhile(string transport)
    {
        PoolFixture pool = FullPool(transport, "0", out RunningTool fill);

        fill.HasEnded.Should().BeFalse("it waits");
        Tool.Run("dd", $"if={pool.PathOf("vm1")}", "of=/dev/null", "bs=64k", "count=16", "iflag=direct", "status=none").MustSucceed();
        Tool.Run("dd", "if=/dev/zero", $"of={pool.PathOf("vm1")}", "bs=64k", "count=1", "oflag=direct", "conv=notrunc", "status=none").MustSucceed();

        // Of the file that is waited in, the kernel itself holds an fsync back until the write is answered.
        WriteFirstChunk(pool.PathOf("vm2"));
        Tool.Run("ls", "-l", pool.MountPoint).MustSucceed();
        pool.Snapshot("vm2", "s");
        fill.HasEnded.Should().BeFalse("no space came");

        pool.Grow("96M");

        fill.Wait(Patience).MustSucceed();
        pool.Mode.Should().Be("write");
        Tool.Run("cmp", "--bytes=67108864", "/dev/zero", pool.PathOf("vm1")).MustSucceed();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Whose_time_is_up_gets_ENOSPC(string transport)
    {
        FullPool(transport, "200ms", out RunningTool fill);

        ToolResult result = fill.Wait(Patience);

        result.ExitCode.Should().NotBe(0);
        result.Errors.Should().Contain("No space left on device");
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Who_waits_gives_way_to_a_signal(string transport)
    {
        PoolFixture pool = FullPool(transport, "0", out RunningTool fill);

        Tool.Run("kill", "-INT", $"{fill.Pid}").MustSucceed();

        fill.Wait(Patience).ExitCode.Should().NotBe(0);
        ThinFuseProgram.Run("volume", "delete", pool.PathOf("vm1")).MustSucceed();
        pool.WaitForStatus("space is back", status => status.GetProperty("mode").GetString() == "write");
        Tool.Run("dd", "if=/dev/zero", $"of={pool.PathOf("vm2")}", "bs=64k", "count=16", "oflag=direct", "conv=notrunc", "status=none").MustSucceed();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_daemon_that_is_stopped_refuses_who_waits(string transport)
    {
        PoolFixture pool = FullPool(transport, "0", out RunningTool fill);

        Tool.Run("kill", "-TERM", $"{pool.DaemonPid}").MustSucceed();

        fill.Wait(Patience).ExitCode.Should().NotBe(0);
        Waiting.Until("the daemon lets go of the pool", () => ThinFuseProgram.Run("pool", "check", pool.PoolDirectory).ExitCode == 0);
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
            _fill?.Dispose();
        }
    }

    private static void WriteFirstChunk(string volume) =>
        Tool.Run("dd", "if=/dev/zero", $"of={volume}", "bs=64k", "count=1", "oflag=direct", "conv=notrunc,fsync", "status=none").MustSucceed();

    /// <summary>A pool of 32 MiB, full, in which a writer of 64 MiB waits.</summary>
    private PoolFixture FullPool(string transport, string timeout, out RunningTool fill)
    {
        PoolFixture pool = NewMountedPool("32M", transport: transport);
        ThinFuseProgram.Run("pool", "set", pool.MountPoint, "--no-space", "queue", "--no-space-timeout", timeout).MustSucceed();
        string volume = pool.CreateVolume("vm1", "64M");
        WriteFirstChunk(pool.CreateVolume("vm2", "64M"));
        fill = _fill = Tool.Start("dd", ["if=/dev/zero", $"of={volume}", "bs=256k", "count=256", "oflag=direct", "conv=notrunc", "status=none"]);
        pool.WaitForStatus("the pool is full", status => status.GetProperty("mode").GetString() == "out_of_space");
        return pool;
    }
}
