using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Limits;

/// <summary>
/// A node whose disk does not answer holds up what is on it, and no other volumes, nor who asks how the pool is. The disk is a file of another pool, whose
/// daemon is stopped.
/// </summary>
public sealed class SlowNodeTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int BlockBytes = 4096;
    private const int Mebibyte = 1 << 20;
    private const int Readers = 40;
    private const int Writers = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

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
