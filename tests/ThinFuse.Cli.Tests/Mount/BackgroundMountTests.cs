using System.Diagnostics;
using System.Text.Json;
using ThinFuse.Cli.Tests.Commands;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Cli.Tests.Mount;

/// <summary>The real program, as its own process: what only shows across processes.</summary>
public sealed class BackgroundMountTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "thinfuse");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _root = Directory.CreateTempSubdirectory("thinfuse-").FullName;

    public BackgroundMountTests() => Directory.CreateDirectory(MountPoint);

    private string Pool => Path.Combine(_root, "pool");

    private string MountPoint => Path.Combine(_root, "mnt");

    public void Dispose()
    {
        // A mount that a failed test left behind would otherwise keep the directory.
        if (File.ReadAllText("/proc/self/mountinfo").Contains($" {MountPoint} ", StringComparison.Ordinal))
        {
            using Process umount = Process.Start("umount", ["-l", MountPoint]);
            umount.WaitForExit();
        }

        Directory.Delete(_root, recursive: true);
    }

    [SkippableFact]
    public async Task Mount_returns_when_it_serves_and_unmount_when_the_pool_is_free()
    {
        Skip.IfNot(File.Exists("/dev/fuse"), "there is no /dev/fuse");
        (await RunAsync("pool", "create", Pool, "--size", "16M")).ExitCode.Should().Be(0);

        // Reads stdout and stderr to their ends: a daemon that held either open would be waited for here.
        CommandOutcome mounted = await RunAsync("mount", Pool, MountPoint, "--json");
        mounted.ExitCode.Should().Be(0, mounted.Errors);
        int daemon = JsonDocument.Parse(mounted.Output).RootElement.GetProperty("daemonPid").GetInt32();
        (await RunAsync("volume", "create", MountPoint + "/vm1", "--size", "1G")).ExitCode.Should().Be(0);
        File.Exists(Path.Combine(MountPoint, "vm1")).Should().BeTrue();

        CommandOutcome again = await RunAsync("mount", Pool, MountPoint);
        again.ExitCode.Should().Be(0);
        again.Output.Should().Contain("already mounted").And.Contain($"pid {daemon}");
        CommandOutcome elsewhere = await RunAsync("pool", "check", Pool);
        elsewhere.ExitCode.Should().Be(0, "the daemon checks it");

        using (File.OpenRead(Path.Combine(MountPoint, "vm1")))
        {
            CommandOutcome busy = await RunAsync("unmount", MountPoint);
            busy.ShouldBeOneErrorLine(4);
            busy.Errors.Should().Contain($"(pid {Environment.ProcessId})");
        }

        (await RunAsync("unmount", MountPoint)).ExitCode.Should().Be(0);
        PoolLock.Acquire(Pool, null).Dispose();
        (await RunAsync("unmount", MountPoint)).Output.Should().StartWith("nothing is mounted");
    }

    [SkippableFact]
    public async Task What_keeps_the_daemon_from_serving_is_the_error_of_the_command()
    {
        Skip.IfNot(File.Exists("/dev/fuse"), "there is no /dev/fuse");
        (await RunAsync("pool", "create", Pool, "--size", "16M")).ExitCode.Should().Be(0);
        using PoolLock owner = PoolLock.Acquire(Pool, "/mnt/elsewhere");

        CommandOutcome refused = await RunAsync("mount", Pool, MountPoint);

        refused.ShouldBeOneErrorLine(4);
        refused.Errors.Should().Contain("/mnt/elsewhere");
    }

    [SkippableFact]
    public async Task A_mount_whose_daemon_was_killed_is_mounted_again_or_taken_away()
    {
        Skip.IfNot(File.Exists("/dev/fuse"), "there is no /dev/fuse");
        (await RunAsync("pool", "create", Pool, "--size", "16M")).ExitCode.Should().Be(0);
        await MountAndKillAsync();
        (await RunAsync("volume", "list", MountPoint)).ShouldBeOneErrorLine(5);
        (await RunAsync("attach", MountPoint + "/vm1")).ExitCode.Should().Be(1);

        await MountAndKillAsync();
        (await RunAsync("unmount", MountPoint)).Should().Be(new CommandOutcome(0, $"unmounted {MountPoint}\n", ""));
    }

    private async Task MountAndKillAsync()
    {
        CommandOutcome mounted = await RunAsync("mount", Pool, MountPoint, "--json");
        mounted.ExitCode.Should().Be(0, mounted.Errors);
        using Process daemon = Process.GetProcessById(JsonDocument.Parse(mounted.Output).RootElement.GetProperty("daemonPid").GetInt32());
        daemon.Kill();
        using CancellationTokenSource patience = new(Patience);
        await daemon.WaitForExitAsync(patience.Token);
    }

    private static async Task<CommandOutcome> RunAsync(params string[] args)
    {
        using CancellationTokenSource patience = new(Patience);
        using Process process = Process.Start(
            new ProcessStartInfo(Program, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> stdout = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> stderr = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return new CommandOutcome(process.ExitCode, await stdout, await stderr);
    }
}
