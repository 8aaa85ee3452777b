using System.Globalization;
using System.Net.Sockets;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Limits;

/// <summary>File descriptors: as many as the daemon may have, and an error instead of an end when that is too few.</summary>
public sealed class DescriptorTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    [SkippableFact]
    public void The_soft_limit_is_raised_to_the_hard_one()
    {
        Need.Tools("prlimit");
        PoolFixture pool = NewPool("64M");
        Tool.Run("prlimit", "--nofile=256:4096", ThinFuseProgram.FullPath, "mount", pool.PoolDirectory, pool.MountPoint).MustSucceed();
        Scratch.RecordProcess(pool.DaemonPid);

        string limits = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pool.DaemonPid}/limits")).Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));

        limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5].Should().Equal("4096", "4096");
    }

    [SkippableFact]
    public void A_daemon_without_descriptors_answers_and_goes_on()
    {
        Need.Root();
        Need.Tools("prlimit");
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "16M");
        int pid = pool.DaemonPid;
        int used = Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd")).Length;
        string limit = string.Create(CultureInfo.InvariantCulture, $"{used + 4}");
        Tool.Run("prlimit", "--pid", string.Create(CultureInfo.InvariantCulture, $"{pid}"), $"--nofile={limit}:4096").MustSucceed();

        List<Socket> clients = [];
        for (int i = 0; i < 20; i++)
        {
            Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            clients.Add(client);
            client.Connect(new UnixDomainSocketEndPoint(Path.Combine(pool.PoolDirectory, "control.sock")));
        }

        // Its descriptors are used up: files it has open go on, and what needs another is refused or done without.
        using (RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite))
        {
            byte[] data = new byte[1 << 20];
            for (int i = 0; i < 16; i++)
            {
                file.Write((long)i << 20, data).Should().Be(data.Length);
            }

            file.Sync().Should().Be(0);
        }

        File.Delete(volume);
        clients.ForEach(client => client.Dispose());
        Waiting.Until("the control API to answer again", () => ThinFuseProgram.Run("pool", "status", pool.MountPoint).ExitCode == 0);
        pool.DaemonPid.Should().Be(pid);
        pool.Mode.Should().Be("write");
        pool.CreateVolume("vm2", "1M");
        Tool.Run("prlimit", "--pid", string.Create(CultureInfo.InvariantCulture, $"{pid}"), "--nofile=4096:4096").MustSucceed();
        pool.Unmount();
        pool.MustBeSound();
    }
}
