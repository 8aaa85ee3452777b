using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ThinFuse.EndToEnd.Faults;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Limits;

/// <summary>
/// A node whose disk does not answer holds up what is on it, and no other volumes, nor who asks how the pool is. The disk is a file of another pool, or of a server
/// of the tests' own, which is stopped.
/// </summary>
public sealed class SlowNodeTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int TerminateSignal = 15;
    private const int BlockBytes = 4096;
    private const int Mebibyte = 1 << 20;
    private const int Readers = 40;
    private const int Writers = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TerminationLimit = TimeSpan.FromSeconds(10);

    private FaultyDisk? _disk;

    [SkippableFact]
    public void Volumes_on_other_nodes_are_read_and_written_while_one_does_not_answer()
    {
        Need.Root();
        PoolFixture below = NewMountedPool("64M");
        PoolFixture pool = NewPool("16M", transport: "dev");
        pool.Mount();
        (string fast, string slow) = OnTwoNodes(pool, below.CreateVolume("disk", "17M"));
        int hostPid = below.DaemonPid;
        List<Thread> threads = [];
        using ConnectionTable connections = new(Scratch);
        using (new StoppedProcess(hostPid))
        {
            for (int i = 0; i < Readers + Writers; i++)
            {
                int index = i;
                threads.Add(new Thread(() => Touch(slow, index * 65536L, write: index >= Readers)) { IsBackground = true });
                threads[^1].Start();
            }

            Waiting.Until("all requests to the stopped node to be under way", () => connections.RequestsUnderWay(pool.MountPoint) >= Readers + Writers);

            Task others = Task.Factory.StartNew(
                () =>
                {
                    for (int i = 0; i < 100; i++)
                    {
                        Touch(fast, i * 65536L, write: i % 2 == 0);
                    }

                    Directory.EnumerateFiles(pool.MountPoint).Should().HaveCount(3);
                    MustAnswer(pool);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            others.Wait(Patience).Should().BeTrue("another node's volume, names and status need nothing that waits for the stopped one");
            threads.Should().OnlyContain(thread => thread.IsAlive, "their node does not answer");
        }

        threads.ForEach(thread => thread.Join());
        StatesOf(pool).Should().Equal("online", "online");
        pool.Log.Should().Contain("does not answer").And.Contain("answers again");
        pool.MustBeSound();
    }

    [SkippableFact]
    public void SIGTERM_ends_the_daemon_of_a_node_that_does_not_answer_and_nothing_is_acknowledged_that_the_node_did_not_take()
    {
        Need.Root();
        _disk = new FaultyDisk(Scratch, 17 * Mebibyte);
        PoolFixture pool = NewPool("16M", transport: "dev");
        using RunningTool daemon = Tool.Start(ThinFuseProgram.FullPath, ["mount", pool.PoolDirectory, pool.MountPoint, "--foreground", "--transport", "dev"]);
        Waiting.Until("it serves", () => MountEntry.IsMounted(pool.MountPoint) && pool.Status().GetProperty("daemonPid").ValueKind != JsonValueKind.Null);
        (_, string slow) = OnTwoNodes(pool, _disk.DiskPath);
        using ConnectionTable connections = new(Scratch);
        using AlignedBuffer acknowledged = new(BlockBytes);
        acknowledged.Bytes.Fill(8);
        using RawFile file = RawFile.Open(slow, OpenFlags.ReadWrite | OpenFlags.Direct);
        file.Write(0, acknowledged.Bytes).Should().Be(BlockBytes);
        long written = 0;
        Thread writer = new(() => written = file.Write(BlockBytes, acknowledged.Bytes)) { IsBackground = true };
        using (_disk.Hang())
        {
            writer.Start();
            Waiting.Until("the write to the stopped node to be under way", () => connections.RequestsUnderWay(pool.MountPoint) > 0);
            Stopwatch watch = Stopwatch.StartNew();
            Posix.Kill(daemon.Pid, TerminateSignal);

            ToolResult end = daemon.Wait(TerminationLimit);

            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended after {watch.ElapsedMilliseconds} ms: {end.Errors}"));
            end.MustExit(1).ErrorLines[^1].Should().Contain("n-1").And.Contain("does not answer");
            writer.Join(Patience).Should().BeTrue();
            written.Should().BeNegative();
            MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        }

        file.Dispose();
        pool.MustBeSound();
        pool.Mount();
        using RawFile after = RawFile.Open(slow, OpenFlags.ReadWrite);
        byte[] read = new byte[BlockBytes];
        after.Read(0, read).Should().Be(BlockBytes);
        read.Should().OnlyContain(value => value == 8);
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
            _disk?.Dispose();
        }
    }

    private static void MustAnswer(PoolFixture pool)
    {
        ThinFuseProgram.Json("pool", "status", pool.MountPoint).GetProperty("nodes").EnumerateArray()
            .Select(node => node.GetProperty("state").GetString()).Should().Equal("online", "stalled");
        ThinFuseProgram.Json("volume", "list", pool.MountPoint).GetArrayLength().Should().Be(3);
        File.ReadAllText(pool.PathOf(".thinfuse/nodes/n-1/state")).Should().Be("stalled\n");
        File.ReadAllText(pool.PathOf(".thinfuse/metrics")).Should().Contain("thinfuse_pool_total_bytes");
        Tool.Run("df", pool.MountPoint).MustSucceed();
    }

    private static IEnumerable<string?> StatesOf(PoolFixture pool) =>
        pool.Status().GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("state").GetString());

    /// <summary>Fills the pool's own node, and adds another.</summary>
    /// <returns>A volume on each.</returns>
    private static (string Fast, string Slow) OnTwoNodes(PoolFixture pool, string disk)
    {
        string fast = Filled(pool, "fast", 8);
        Filled(pool, "rest", 8);
        ThinFuseProgram.Run("pool", "grow", pool.MountPoint, "--node", disk).MustSucceed();
        return (fast, Filled(pool, "slow", 8));
    }

    private static string Filled(PoolFixture pool, string name, int mebibytes)
    {
        string path = pool.CreateVolume(name, string.Create(CultureInfo.InvariantCulture, $"{mebibytes}M"));
        byte[] data = new byte[Mebibyte];
        data.AsSpan().Fill(7);
        using RawFile file = RawFile.Open(path, OpenFlags.ReadWrite);
        for (int i = 0; i < mebibytes; i++)
        {
            file.Write((long)i * Mebibyte, data).Should().Be(Mebibyte);
        }

        file.Sync().Should().Be(0);
        return path;
    }

    private static void Touch(string path, long offsetBytes, bool write)
    {
        using AlignedBuffer block = new(BlockBytes);
        using RawFile file = RawFile.Open(path, OpenFlags.ReadWrite | OpenFlags.Direct);
        if (write)
        {
            block.Bytes.Fill(7);
            file.Write(offsetBytes, block.Bytes).Should().Be(BlockBytes);
        }
        else
        {
            file.Read(offsetBytes, block.Bytes).Should().Be(BlockBytes);
            block.Bytes[0].Should().Be(7);
        }
    }
}
