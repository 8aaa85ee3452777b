using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Integrity;

/// <summary>fio verifies what it wrote, while snapshots come and go beside it.</summary>
public sealed class FioTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Jobs = 8;
    private const int JobMiB = 4;
    private const int MinSnapshots = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(80);

    [SkippableTheory]
    [OnEachTransport]
    public void Fio_verifies_a_volume_file_while_snapshots_come_and_go(string transport)
    {
        Need.Tools("fio");
        PoolFixture pool = NewMountedPool("256M", transport: transport);
        VerifyWithSnapshots(pool, pool.CreateVolume("vm1", "64M"));
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Fio_verifies_a_loop_device_while_snapshots_come_and_go(string transport)
    {
        Need.Tools("fio");
        Need.Loop();
        PoolFixture pool = NewMountedPool("256M", transport: transport);
        pool.CreateVolume("vm1", "64M");
        VerifyWithSnapshots(pool, pool.Attach("vm1"));
    }

    private void VerifyWithSnapshots(PoolFixture pool, string file)
    {
        for (int taken = 0; taken < MinSnapshots;)
        {
            using RunningTool fio = Tool.Start("fio", Arguments(file));
            do
            {
                string snapshot = pool.Snapshot("vm1", string.Create(CultureInfo.InvariantCulture, $"s{taken++}"));
                ThinFuseProgram.Run("snapshot", "delete", snapshot).MustSucceed();
            }
            while (!fio.HasEnded);

            ToolResult result = fio.Wait(Patience).MustSucceed();
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{taken} snapshots by the end of\n{result.Output}"));
            result.Errors.Should().NotContain("bad magic").And.NotContain("verify failed");
        }

        pool.MustBeSound();
    }

    private static string[] Arguments(string file) =>
    [
        "--name=verify", $"--filename={file}", "--ioengine=libaio", "--direct=1", "--iodepth=32", "--randseed=9",
        $"--numjobs={Jobs}", $"--size={JobMiB}M", $"--offset_increment={JobMiB}M", "--group_reporting",
        "--rw=randwrite", "--bsrange=4k-64k", "--bs_unaligned=0", "--blockalign=4k", "--loops=12",
        "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--verify_backlog=256", "--verify_state_save=0",
    ];
}
