using ThinFuse.EndToEnd.Harness;
using ThinFuse.EndToEnd.Killing;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Service;

/// <summary>The daemon as a service: it tells its manager what it should know, and ends when it is asked to.</summary>
public sealed class ServiceTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Terminate = 15;

    [SkippableFact]
    public void In_the_foreground_it_says_when_it_serves_that_it_lives_and_when_it_ends()
    {
        PoolFixture pool = NewPool("64M");
        using NotifyListener manager = new(pool.Home);
        using RunningTool daemon = Tool.Start("env", [
            $"NOTIFY_SOCKET={manager.Address}", "WATCHDOG_USEC=200000", ThinFuseProgram.FullPath, "mount", pool.PoolDirectory, pool.MountPoint, "--foreground"]);

        manager.Receive().Should().Be($"READY=1\nSTATUS=serving {pool.PoolDirectory} on {pool.MountPoint}");
        MountEntry.IsMounted(pool.MountPoint).Should().BeTrue();
        pool.CreateVolume("vm1", "1M");
        manager.Receive().Should().Be("WATCHDOG=1");
        manager.Receive().Should().Be("WATCHDOG=1");

        Posix.Kill(daemon.Pid, Terminate);

        manager.ReceiveNews().Should().StartWith("STOPPING=1");
        daemon.Wait(Tool.Patience).MustSucceed();
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void It_says_that_it_ends_when_it_is_unmounted()
    {
        PoolFixture pool = NewPool("64M");
        using NotifyListener manager = new(pool.Home);
        using RunningTool daemon = Tool.Start("env", [
            $"NOTIFY_SOCKET={manager.Address}", ThinFuseProgram.FullPath, "mount", pool.PoolDirectory, pool.MountPoint, "--foreground"]);
        manager.Receive().Should().StartWith("READY=1");

        pool.Unmount();

        manager.Receive().Should().StartWith("STOPPING=1");
        daemon.Wait(Tool.Patience).MustSucceed();
    }

    [SkippableFact]
    public void In_the_foreground_a_mount_survives_kill_9_of_the_server_and_ends_with_a_signal()
    {
        PoolFixture pool = NewPool("64M");
        using NotifyListener manager = new(pool.Home);
        using RunningTool front = Tool.Start("env", [
            $"NOTIFY_SOCKET={manager.Address}", "WATCHDOG_USEC=500000",
            ThinFuseProgram.FullPath, "mount", pool.PoolDirectory, pool.MountPoint, "--foreground", "--transport", "dev"]);
        manager.ReceiveNews().Should().StartWith("READY=1");
        Skip.IfNot(pool.Status().GetProperty("restartProtection").GetString() == "on", "this kernel cannot send requests again");
        StampedWriter writer = new(pool.CreateVolume("vm1", "32M"), firstBlock: 0, blocks: 1024, direct: true, Seeded(10).Next());
        using CountdownEvent enough = new(200);
        Thread writing = new(() => writer.WriteUntilError(enough));
        writing.Start();
        enough.Wait();

        pool.KillServer();

        manager.ReceiveNews().Should().StartWith("READY=1", "the successor serves");
        front.HasEnded.Should().BeFalse();
        long acknowledged = writer.Acknowledged;
        Waiting.Until("writes go on", () => writer.Acknowledged > acknowledged + 100);
        pool.Status().GetProperty("restarts").GetInt32().Should().Be(1);
        manager.Receive().Should().Be("WATCHDOG=1");

        Posix.Kill(front.Pid, Terminate);

        manager.ReceiveNews().Should().StartWith("STOPPING=1");
        front.Wait(Tool.Patience).MustSucceed();
        writing.Join();
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        pool.MustBeSound();
        pool.Mount();
        writer.MustFindAcknowledged();
    }

    [SkippableTheory]
    [InlineData("--system", "thinfuse@.service")]
    [InlineData("--user", "thinfuse-user@.service")]
    public void The_unit_files_are_what_systemd_understands(string manager, string name)
    {
        Need.Tools("systemd-analyze");
        string directory = Scratch.NewDirectory("units");
        string unit = File.ReadAllText(Path.Combine(ThinFuseProgram.Repository, "scripts", "packaging", name));
        unit.Should().Contain("ExecStart=/usr/bin/thinfuse mount");
        string copy = Path.Combine(directory, name.Replace("@", "@pool1", StringComparison.Ordinal));
        File.WriteAllText(copy, unit.Replace("/usr/bin/thinfuse", ThinFuseProgram.FullPath, StringComparison.Ordinal));

        ToolResult verified = Tool.Run("env", $"XDG_RUNTIME_DIR={directory}", "systemd-analyze", manager, "verify", "--man=no", copy);

        // Of other units of this machine it may complain.
        verified.MustSucceed().ErrorLines.Where(line => line.Contains(Path.GetFileName(copy), StringComparison.Ordinal)).Should().BeEmpty();
    }
}
