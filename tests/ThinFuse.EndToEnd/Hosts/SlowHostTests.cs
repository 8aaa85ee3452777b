using System.Diagnostics;
using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using ThinFuse.EndToEnd.Killing;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Hosts;

/// <summary>Everything of a pool, metadata and data, lies on a filesystem whose disk answers slowly: things take long, and nothing is refused or lost.</summary>
public sealed class SlowHostTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Writes = 60;
    private const int Blocks = 2048;

    [SkippableFact]
    public void A_slow_disk_refuses_nothing_and_termination_is_in_time_and_loses_nothing()
    {
        Need.Loop();
        FilesystemKind.Ext4.Require();
        PoolFixture below = NewMountedPool("256M", transport: "dev");
        below.CreateVolume("disk", "192M");
        LoopFilesystem disk = below.Filesystem(below.Attach("disk"), FilesystemKind.Ext4);
        disk.Make();
        disk.Mount();
        PoolFixture pool = PoolAt(disk.PathOf("pool"));
        pool.Create("--size", "64M");
        pool.Mount();
        string volume = pool.CreateVolume("vm1", "16M");
        StampedWriter writer = new(volume, 0, Blocks, direct: true, Seeded(72).Next());
        using (new Stutter(below.DaemonPid))
        {
            Stopwatch watch = Stopwatch.StartNew();
            using CountdownEvent enough = new(Writes);
            Thread thread = new(() => writer.WriteUntilError(enough));
            thread.Start();
            enough.Wait(Tool.Patience).Should().BeTrue("a slow disk is no dead one");
            pool.Snapshot("vm1", "slow");
            pool.Mode.Should().Be("write");
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{writer.Acknowledged} writes and a snapshot in {watch.ElapsedMilliseconds} ms"));
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ended after {pool.Terminate().TotalMilliseconds:f0} ms"));
            thread.Join();
        }

        pool.MustBeSound();
        pool.Mount();
        writer.MustFindAcknowledged();
        pool.Volume("vm1@slow").GetProperty("kind").GetString().Should().Be("snapshot");
    }
}
