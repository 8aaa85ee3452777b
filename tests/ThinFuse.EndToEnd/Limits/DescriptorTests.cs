using System.Globalization;
using System.Net.Sockets;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Limits;

/// <summary>File descriptors: the daemon takes as many as it may have, needs no more than it asks for, and serves nobody with fewer.</summary>
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
    public void Too_low_a_limit_is_said_before_anything_is_served()
    {
        Need.Tools("prlimit");
        PoolFixture pool = NewPool("64M");

        Tool.Run("prlimit", "--nofile=512:512", ThinFuseProgram.FullPath, "mount", pool.PoolDirectory, pool.MountPoint).MustExit(1)
            .ErrorLines.Should().ContainSingle().Which.Should().Contain("512 files").And.Contain("LimitNOFILE");

        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
    }

    [SkippableFact]
    public void Whatever_clients_do_the_daemon_needs_no_more_than_half_of_what_it_asks_for()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "16M");
        int pid = pool.DaemonPid;
        List<IDisposable> users = [];
        int most;
        try
        {
            for (int i = 0; i < 300; i++)
            {
                Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                users.Add(client);
                client.Connect(new UnixDomainSocketEndPoint(Path.Combine(pool.PoolDirectory, "control.sock")));
                users.Add(RawFile.Open(volume, OpenFlags.ReadWrite));
            }

            most = Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd")).Length;
        }
        finally
        {
            users.ForEach(user => user.Dispose());
        }

        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{most} descriptors"));
        most.Should().BeLessThan(512);
        Waiting.Until("the control API to answer again", () => ThinFuseProgram.Run("pool", "status", pool.MountPoint).ExitCode == 0);
        pool.DaemonPid.Should().Be(pid);
    }
}
