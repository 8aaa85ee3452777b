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

    [SkippableTheory]
    [InlineData((10 << 20) + 1, true)]
    [InlineData(10 << 20, false)]
    public async Task A_log_that_has_become_long_is_put_aside_by_the_next_daemon(int lengthBytes, bool isPutAside)
    {
        Skip.IfNot(File.Exists("/dev/fuse"), "there is no /dev/fuse");
        (await RunAsync("pool", "create", Pool, "--size", "16M")).ExitCode.Should().Be(0);
        string log = Path.Combine(Pool, "daemon.log");
        await File.WriteAllTextAsync(log + ".old", "older still");
        await using (FileStream file = File.Create(log))
        {
            file.SetLength(lengthBytes);
        }

        (await RunAsync("mount", Pool, MountPoint)).ExitCode.Should().Be(0);
        (await RunAsync("unmount", MountPoint)).ExitCode.Should().Be(0);

        new FileInfo(log + ".old").Length.Should().Be(isPutAside ? lengthBytes : "older still".Length);
        new FileInfo(log).Length.Should().BeInRange(isPutAside ? 1 : lengthBytes + 1, isPutAside ? 100_000 : lengthBytes + 100_000);
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
        CommandOutcome mounted = await RunAsync("mount", Pool, MountPoint, "--table-memory", "2M", "--no-protect", "--json");
        mounted.ExitCode.Should().Be(0, mounted.Errors);
        using Process daemon = Process.GetProcessById(JsonDocument.Parse(mounted.Output).RootElement.GetProperty("daemonPid").GetInt32());
        string[] words = (await File.ReadAllTextAsync($"/proc/{daemon.Id}/cmdline")).Split('\0');
        words.SkipWhile(word => word != "--table-memory").Skip(1).First().Should().Be("2097152");
        daemon.Kill();
        using CancellationTokenSource patience = new(Patience);
        await daemon.WaitForExitAsync(patience.Token);
        Directory.GetFileSystemEntries(_root).Should().NotContain(
            path => path.Contains($"-{daemon.Id}-", StringComparison.Ordinal), "a daemon that is killed leaves nothing in the temporary directory");
    }

    private async Task<CommandOutcome> RunAsync(params string[] args)
    {
        using CancellationTokenSource patience = new(Patience);
        ProcessStartInfo start = new(Program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = _root;
        using Process process = Process.Start(start)!;
        Task<string> stdout = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> stderr = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return new CommandOutcome(process.ExitCode, await stdout, await stderr);
    }
}
