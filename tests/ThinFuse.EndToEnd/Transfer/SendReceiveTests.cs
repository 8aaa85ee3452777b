using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Transfer;

/// <summary>Snapshots go from one mounted pool to another through pipes and files.</summary>
public sealed class SendReceiveTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int MiB = 1 << 20;

    [SkippableFact]
    public void A_snapshot_and_then_what_changed_arrive_through_a_pipe()
    {
        Random random = Seeded(31);
        PoolFixture source = NewMountedPool("128M");
        PoolFixture target = NewMountedPool("128M", chunkSize: "16K");
        string vm1 = source.CreateVolume("vm1", "256M");
        Write(vm1, 0, 20 * MiB, random);
        Write(vm1, 200L * MiB, 3 * MiB, random);
        string mon = source.Snapshot("vm1", "mon");
        Pipe($"send {mon}", $"receive {target.PathOf("vm1")}").MustSucceed().Text.Should().Be($"received {target.PathOf("vm1@mon")}");
        MustBeEqual(mon, target.PathOf("vm1"));
        MustBeEqual(mon, target.PathOf("vm1@mon"));
        target.Volume("vm1").GetProperty("allocatedBytes").GetInt64().Should().BeLessThanOrEqualTo(23 * MiB, "holes arrive as holes");

        Write(vm1, 5 * MiB, 2 * MiB, random);
        for (int i = 0; i < 100; i++)
        {
            Write(vm1, 100L * MiB + (random.Next(2500) * 8192L), 4096, random);
        }

        Tool.Run("fallocate", "--punch-hole", "--offset", "1M", "--length", "3M", vm1).MustSucceed();
        string tue = source.Snapshot("vm1", "tue");
        string stream = Path.Combine(source.Home, "stream");
        Shell($"'{ThinFuseProgram.FullPath}' send {tue} --from {mon} > {stream}").MustSucceed();
        long changed = Ranges(mon, tue).Where(range => range.GetProperty("kind").GetString() == "data").Sum(range => range.GetProperty("length").GetInt64());
        new FileInfo(stream).Length.Should().BeGreaterThan(changed).And.BeLessThanOrEqualTo(changed * 102 / 100);

        Shell($"'{ThinFuseProgram.FullPath}' receive {target.PathOf("vm1")} < {stream}").MustSucceed();

        MustBeEqual(tue, target.PathOf("vm1"));
        MustBeEqual(tue, target.PathOf("vm1@tue"));
        MustBeEqual(mon, target.PathOf("vm1@mon"));
        Shell($"'{ThinFuseProgram.FullPath}' receive {target.PathOf("vm1")} < {stream}").MustSucceed();
        Directory.GetFiles(target.MountPoint).Select(Path.GetFileName).Should().BeEquivalentTo("vm1", "vm1@mon", "vm1@tue");
        target.MustBeSound();
    }

    [SkippableFact]
    public void A_stream_that_breaks_off_leaves_nothing_under_the_name_and_goes_on_with_its_token()
    {
        Random random = Seeded(32);
        PoolFixture source = NewMountedPool("64M");
        PoolFixture target = NewMountedPool("64M");
        Write(source.CreateVolume("vm1", "64M"), 0, 8 * MiB, random);
        string mon = source.Snapshot("vm1", "mon");
        string vm1 = target.PathOf("vm1");

        ToolResult cut = Shell($"'{ThinFuseProgram.FullPath}' send {mon} | head -c 5000000 | '{ThinFuseProgram.FullPath}' receive {vm1}").MustExit(1);

        cut.ErrorLines.Should().ContainSingle(line => line.Contains("--resume", StringComparison.Ordinal));
        File.Exists(vm1).Should().BeFalse();
        ThinFuseProgram.Json("receive", vm1, "--token").GetProperty("keptBytes").GetInt64().Should().Be(4 * MiB);
        string token = ThinFuseProgram.Run("receive", vm1, "--token").MustSucceed().Text;
        cut.Errors.Should().Contain(token);
        target.Unmount();
        target.Mount();
        string received = target.PathOf("vm1.receiving");
        Shell($"echo spoilt > {received}").Errors.Should().Contain("Device or resource busy");
        Shell($"truncate -s 1M {received}").Errors.Should().Contain("Device or resource busy");
        ThinFuseProgram.Run("volume", "resize", received, "--size", "1M").MustExit(4).Errors.Should().Contain("is being received; let 'thinfuse receive' end");
        ThinFuseProgram.Run("send", mon, "--resume", "00" + token[2..]).MustExit(2);
        Pipe($"send {mon} --resume {token}", $"receive {vm1}").MustSucceed();
        MustBeEqual(mon, vm1);
        Directory.GetFiles(target.MountPoint).Select(Path.GetFileName).Should().BeEquivalentTo("vm1", "vm1@mon");
        ThinFuseProgram.Run("receive", vm1, "--token").MustExit(5);
    }

    [SkippableFact]
    public void What_does_not_fit_is_one_line_and_an_exit_code()
    {
        Random random = Seeded(33);
        PoolFixture source = NewMountedPool("64M");
        PoolFixture target = NewMountedPool("64M");
        string vm1 = source.CreateVolume("vm1", "64M");
        Write(vm1, 0, 4 * MiB, random);
        string mon = source.Snapshot("vm1", "mon");
        Write(vm1, 0, 4096, random);
        string tue = source.Snapshot("vm1", "tue");
        string copy = target.PathOf("vm1");
        ThinFuseProgram.Run("send", vm1).MustExit(2).Errors.Should().Contain("take a snapshot first");
        Pipe($"send {tue} --from {mon}", $"receive {copy}").MustExit(5).Errors.Should().Contain("send without --from first");
        Pipe($"send {mon}", $"receive {copy}").MustSucceed();
        Pipe($"send {tue}", $"receive {copy}").MustExit(1).Errors.Should().Contain("exists already");
        Write(copy, 8192, 512, random);
        string changed = Sum(copy);
        Pipe($"send {tue} --from {mon}", $"receive {copy}").MustExit(1).Errors.Should().Contain("was changed since vm1@mon");
        Sum(copy).Should().Be(changed);
        Shell($"head -c 2000 /dev/zero | '{ThinFuseProgram.FullPath}' receive {copy}").MustExit(6).ErrorLines.Should().ContainSingle();
        Pipe($"send {tue} --from {mon}", $"receive {copy} --force").MustSucceed();
        MustBeEqual(tue, copy);

        ToolResult broken = Shell($"'{ThinFuseProgram.FullPath}' send {mon} | head -c 1000 > /dev/null; exit ${{PIPESTATUS[0]}}").MustExit(1);
        broken.ErrorLines.Should().ContainSingle().Which.Should().Contain("could not be written to its end");
    }

    [SkippableFact]
    public void A_send_that_nobody_reads_ends_with_a_signal()
    {
        PoolFixture pool = NewMountedPool("64M");
        Write(pool.CreateVolume("vm1", "64M"), 0, 8 * MiB, Seeded(34));
        string mon = pool.Snapshot("vm1", "mon");
        string fifo = Path.Combine(pool.Home, "fifo");
        Tool.Run("mkfifo", fifo).MustSucceed();

        // Both ends are held here: nobody reads the pipe, and it never breaks.
        using SafeFileHandle pipe = File.OpenHandle(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using RunningTool send = Tool.Start("bash", ["-c", $"exec '{ThinFuseProgram.FullPath}' send {mon} > '{fifo}'"]);
        Waiting.Until("the pipe has taken what it can hold", () => Posix.ReadableBytes(pipe) >= 60_000, () => Posix.ReadableBytes(pipe));
        Leftovers.Kill(send.Pid, signal: 15);
        send.Wait(TimeSpan.FromSeconds(10)).MustExit(130).Errors.Should().BeEmpty();
    }

    private static ToolResult Pipe(string send, string receive) =>
        Shell($"'{ThinFuseProgram.FullPath}' {send} | '{ThinFuseProgram.FullPath}' {receive}");

    private static ToolResult Shell(string commandLine) => Tool.Run("bash", "-c", commandLine);

    private static IEnumerable<JsonElement> Ranges(string from, string to) =>
        ThinFuseProgram.Run("snapshot", "diff", from, to, "--json").MustSucceed().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ThinFuseProgram.Parse);

    private static void MustBeEqual(string one, string other) => Tool.Run("cmp", one, other).MustSucceed();

    private static string Sum(string path) => Tool.Run("sha256sum", path).MustSucceed().Text.Split(' ')[0];

    private static void Write(string path, long offset, int length, Random random)
    {
        byte[] data = new byte[length];
        random.NextBytes(data);
        using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Position = offset;
        file.Write(data);
    }
}
