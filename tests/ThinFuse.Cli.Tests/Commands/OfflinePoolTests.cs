using System.Text.Json;
using ThinFuse.Cli.Engine;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Cli.Tests.Commands;

/// <summary>Pool commands on a real pool that nobody serves.</summary>
public sealed class OfflinePoolTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("thinfuse-").FullName;
    private readonly CommandLineRunner _runner = new(pools: new ThinPoolTool());

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_pool_is_created_grown_checked_and_looked_at()
    {
        string pool = Path.Combine(_root, "pool");

        CommandOutcome created = await _runner.RunAsync("pool", "create", pool, "--size", "16M", "--chunk-size", "128K");
        created.Should().Be(new CommandOutcome(0, $"created pool {pool}: 16 MiB in chunks of 128 KiB\n", ""));
        CommandOutcome grown = await _runner.RunAsync("pool", "grow", pool, "--size", "32M");
        grown.Should().Be(new CommandOutcome(0, "the pool has 32 MiB, 32 MiB of it free\n", ""));
        CommandOutcome sound = await _runner.RunAsync("pool", "check", pool);
        sound.Output.Should().StartWith("sound: ");

        JsonElement status = JsonDocument.Parse((await _runner.RunAsync("pool", "status", pool, "--json")).Output).RootElement;
        status.GetProperty("totalBytes").GetInt64().Should().Be(32 << 20);
        status.GetProperty("chunkSize").GetInt32().Should().Be(128 << 10);
        status.GetProperty("mode").GetString().Should().Be("write");
        status.GetProperty("mountPoint").ValueKind.Should().Be(JsonValueKind.Null);
        status.GetProperty("nodes")[0].GetProperty("id").GetInt32().Should().Be(0);
        status.GetProperty("nodes")[0].GetProperty("state").GetString().Should().Be("online");
    }

    [Fact]
    public async Task What_writes_meet_without_space_is_set_at_creation_and_later()
    {
        string pool = Path.Combine(_root, "pool");
        await _runner.RunAsync("pool", "create", pool, "--size", "16M", "--no-space", "queue", "--no-space-timeout", "1500ms");
        (await PolicyOfAsync(pool)).Should().Be(("queue", 1500));

        CommandOutcome set = await _runner.RunAsync("pool", "set", pool, "--no-space-timeout", "0");
        set.Should().Be(new CommandOutcome(0, "without space, writes wait for space\n", ""));
        (await PolicyOfAsync(pool)).Should().Be(("queue", 0));
        (await _runner.RunAsync("pool", "set", pool, "--low-water", "25%", "--auto-extend", "50%", "--max-size", "32M", "--discard", "passdown", "--strict", "on"))
            .Output.Should().Be(
                "without space, writes wait for space; low water at 4 MiB free, extended by 8 MiB up to 32 MiB; free space is given back to the host; "
                + "no more is promised than there is\n");
        await _runner.RunAsync("pool", "set", pool, "--no-space", "error", "--no-space-timeout", "1m");
        (await PolicyOfAsync(pool)).Should().Be(("error", 60_000));
    }

    [Theory]
    [InlineData(false, "--preallocation", "off")]
    [InlineData(true, "--preallocation", "falloc")]
    [InlineData(true, "--preallocation", "full")]
    [InlineData(true)]
    public async Task A_pool_takes_its_space_from_the_host_as_it_is_told(bool takesSpace, params string[] more)
    {
        const long SizeBytes = 16 << 20;
        string pool = Path.Combine(_root, "pool");

        (await _runner.RunAsync(["pool", "create", pool, "--size", "16M", .. more])).ExitCode.Should().Be(0);

        string node = Directory.EnumerateFiles(pool, "n-0*", SearchOption.AllDirectories).Single();
        using System.Diagnostics.Process stat = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b", node]) { RedirectStandardOutput = true })!;
        long allocatedBytes = 512 * long.Parse(await stat.StandardOutput.ReadToEndAsync(), System.Globalization.CultureInfo.InvariantCulture);
        (allocatedBytes >= SizeBytes).Should().Be(takesSpace, $"{allocatedBytes} bytes are allocated");
    }

    private async Task<(string? Policy, long TimeoutMs)> PolicyOfAsync(string pool)
    {
        JsonElement status = JsonDocument.Parse((await _runner.RunAsync("pool", "status", pool, "--json")).Output).RootElement;
        return (status.GetProperty("noSpacePolicy").GetString(), status.GetProperty("noSpaceTimeoutMs").GetInt64());
    }

    [Fact]
    public async Task A_pool_is_dumped_restored_and_repaired_elsewhere()
    {
        string pool = Path.Combine(_root, "pool");
        string restored = Path.Combine(_root, "restored");
        string repaired = Path.Combine(_root, "repaired");
        string file = Path.Combine(_root, "dump");
        await _runner.RunAsync("pool", "create", pool, "--size", "16M");
        CommandOutcome dump = await _runner.RunAsync("pool", "dump", pool);
        await File.WriteAllTextAsync(file, dump.Output);
        string node = Path.Combine(pool, "nodes", "n-0.data");

        (await _runner.RunAsync("pool", "restore", file, pool)).ShouldBeOneErrorLine(1);
        CommandOutcome outcome = await _runner.RunAsync("pool", "restore", file, restored, "--node", node);
        outcome.Should().Be(new CommandOutcome(0, $"restored pool {restored}: 0 volumes, 0 snapshots\n", ""));
        (await _runner.RunAsync("pool", "status", pool)).ShouldBeOneErrorLine(6);
        outcome = await _runner.RunAsync("pool", "repair", restored, repaired);
        outcome.Should().Be(new CommandOutcome(0, $"repaired into {repaired}: everything was saved; 0 volumes and snapshots, 0 extents\n", ""));
        (await _runner.RunAsync("pool", "check", repaired)).Output.Should().StartWith("sound");
        outcome = await _runner.RunAsync("pool", "whereis", repaired, "n-0:1M");
        outcome.Should().Be(new CommandOutcome(0, $"extent 0: n-0 ({node}) bytes 1048576 to 1114112, free\n", ""));
        (await _runner.RunAsync("pool", "whereis", repaired, "n-0:1G")).ShouldBeOneErrorLine(2);
        (await _runner.RunAsync("pool", "whereis", repaired, "here")).ShouldBeOneErrorLine(2);
        JsonElement report = JsonDocument.Parse((await _runner.RunAsync("pool", "repair", restored, Path.Combine(_root, "again"), "--json")).Output).RootElement;
        report.GetProperty("lossCount").GetInt64().Should().Be(0);
    }

    [Fact]
    public async Task A_pool_is_never_created_over_something()
    {
        string pool = Path.Combine(_root, "pool");
        await _runner.RunAsync("pool", "create", pool, "--size", "16M");

        (await _runner.RunAsync("pool", "create", pool, "--size", "16M")).ShouldBeOneErrorLine(1);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("check")]
    [InlineData("grow", "--size", "32M")]
    public async Task A_pool_in_use_is_busy_and_the_owner_is_named(string command, params string[] more)
    {
        string pool = Path.Combine(_root, "pool");
        await _runner.RunAsync("pool", "create", pool, "--size", "16M");
        using PoolLock owner = PoolLock.Acquire(pool, "/mnt/elsewhere");

        CommandOutcome outcome = await _runner.RunAsync(["pool", command, pool, .. more]);

        outcome.ShouldBeOneErrorLine(4);
        outcome.Errors.Should().Contain($"in use by pid {Environment.ProcessId}").And.Contain("/mnt/elsewhere");
    }

    [Theory]
    [InlineData("status")]
    [InlineData("check")]
    [InlineData("grow", "--size", "32M")]
    public async Task A_directory_that_is_no_pool_is_not_found(string command, params string[] more) =>
        (await _runner.RunAsync(["pool", command, _root, .. more])).ShouldBeOneErrorLine(5);

    [Theory]
    [InlineData("status")]
    [InlineData("check")]
    public async Task A_pool_whose_superblock_is_garbage_is_damaged(string command)
    {
        string pool = Path.Combine(_root, "pool");
        await _runner.RunAsync("pool", "create", pool, "--size", "16M");
        byte[] garbage = new byte[new FileInfo(Path.Combine(pool, "superblock")).Length];
        new Random(7).NextBytes(garbage);
        await File.WriteAllBytesAsync(Path.Combine(pool, "superblock"), garbage);

        (await _runner.RunAsync("pool", command, pool)).ShouldBeOneErrorLine(6);
    }

    [Fact]
    public async Task A_pool_never_shrinks_and_the_size_it_has_changes_nothing()
    {
        string pool = Path.Combine(_root, "pool");
        await _runner.RunAsync("pool", "create", pool, "--size", "32M");

        (await _runner.RunAsync("pool", "grow", pool, "--size", "16M")).ShouldBeOneErrorLine(2);
        (await _runner.RunAsync("pool", "grow", pool, "--size", "32M")).ExitCode.Should().Be(0, "the size it has already is no error");
    }
}
