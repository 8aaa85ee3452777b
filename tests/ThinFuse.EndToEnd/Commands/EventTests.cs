using System.Diagnostics;
using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Commands;

/// <summary>`thinfuse events`, the file, and hooks, as the program has them.</summary>
public sealed class EventTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public void Recent_events_are_lines_for_people_and_for_scripts()
    {
        PoolFixture pool = NewMountedPool("64M");
        pool.CreateVolume("vm1", "1M");
        pool.Snapshot("vm1", "monday");

        string[] lines = ThinFuseProgram.Run("events", pool.MountPoint).MustSucceed().Text.Split('\n');
        string[] json = ThinFuseProgram.Run("events", pool.MountPoint, "--json").MustSucceed().Text.Split('\n');

        lines.Should().HaveCount(2);
        lines[0].Should().MatchRegex("^20[0-9-]+ [0-9:]+Z  volume_created +vm1$");
        json.Select(line => ThinFuseProgram.Parse(line).GetProperty("kind").GetString()).Should().Equal("volume_created", "snapshot_created");
    }

    [SkippableFact]
    public async Task A_follower_ends_with_the_mount_and_so_does_a_reader_of_the_file()
    {
        PoolFixture pool = NewMountedPool("64M");
        pool.CreateVolume("vm1", "1M");
        using Process follower = Follow(pool);
        await MustReadAsync(follower, "volume_created");
        using RunningTool reader = Tool.Start("cat", [pool.PathOf(".thinfuse/events")]);
        Waiting.Until("cat reads", () => File.ReadAllText($"/proc/{reader.Pid}/wchan") == "request_wait_answer", () => reader.HasEnded);
        pool.Snapshot("vm1", "monday");
        await MustReadAsync(follower, "snapshot_created");

        pool.Unmount();

        await MustEndAsync(follower, 0, $"thinfuse: {pool.MountPoint} is not mounted any more; there are no more events\n");
        ThinFuseProgram.Parse(reader.Wait(Patience).MustSucceed().Text).GetProperty("volume").GetString().Should().Be("vm1@monday");
    }

    [SkippableFact]
    public async Task A_follower_of_a_daemon_that_dies_fails_and_one_that_is_interrupted_ends()
    {
        PoolFixture pool = NewMountedPool("64M");
        pool.CreateVolume("vm1", "1M");
        using Process interrupted = Follow(pool);
        await MustReadAsync(interrupted, "volume_created");
        using Process follower = Follow(pool);
        await MustReadAsync(follower, "volume_created");

        Tool.Run("kill", "-INT", interrupted.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)).MustSucceed();
        await MustEndAsync(interrupted, 130, null);
        pool.KillDaemon();

        await MustEndAsync(follower, 1, "{\"error\":{\"kind\":\"failed\",*went away*");
    }

    [SkippableFact]
    public void Hooks_run_with_the_program_and_hold_up_no_unmount()
    {
        PoolFixture pool = NewPool("64M");
        string hooks = Directory.CreateDirectory(Path.Combine(pool.PoolDirectory, "hooks.d")).FullName;
        string seen = Path.Combine(pool.Home, "seen");
        foreach ((string name, string script) in new[] { ("10-tell", $"echo \"$1 $(cat)\" >> {seen}"), ("20-hang", $"echo hanging >> {seen}; exec sleep 1000") })
        {
            string hook = Path.Combine(hooks, name);
            File.WriteAllText(hook, $"#!/bin/sh\n{script}\n");
            Tool.Run("chmod", "755", hook).MustSucceed();
        }

        pool.Mount();
        pool.CreateVolume("vm1", "1M");
        string[] lines = [];
        Waiting.Until("both hooks run", () => (lines = File.Exists(seen) ? File.ReadAllLines(seen) : []).Length == 2, () => pool.Log);
        lines.Should().ContainSingle(line => line.StartsWith("volume_created {\"sequence\":1,", StringComparison.Ordinal));

        Stopwatch watch = Stopwatch.StartNew();
        pool.Unmount();

        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20), "its time limit is 30 s");
        pool.Log.Should().Contain("hook 10-tell: volume_created: exit status 0").And.Contain("hook 20-hang: volume_created: killed");
    }

    private static Process Follow(PoolFixture pool) => Process.Start(
        new ProcessStartInfo(ThinFuseProgram.FullPath, ["events", pool.MountPoint, "--follow", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static async Task MustReadAsync(Process follower, string kind)
    {
        string? line = await follower.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        JsonElement happened = ThinFuseProgram.Parse(line ?? await follower.StandardError.ReadToEndAsync());
        happened.GetProperty("kind").GetString().Should().Be(kind);
    }

    private static async Task MustEndAsync(Process follower, int exitCode, string? errors)
    {
        string told = await follower.StandardError.ReadToEndAsync().WaitAsync(Patience);
        follower.WaitForExit(Patience).Should().BeTrue();
        follower.ExitCode.Should().Be(exitCode, told);
        if (errors is null)
        {
            told.Should().BeEmpty();
        }
        else
        {
            told.Should().Match(errors);
        }
    }
}
