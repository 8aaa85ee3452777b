namespace ThinFuse.Cli.Tests.Commands;

/// <summary>Values that make no sense are refused before anything is looked at.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("pool create /p --size 0")]
    [InlineData("pool create /p --size -1G")]
    [InlineData("pool create /p --size 513")]
    [InlineData("pool create /p --size 9999999999T")]
    [InlineData("pool create /p --size junk")]
    [InlineData("pool create /p --size")]
    [InlineData("pool create /p --size 1G --size 2G")]
    [InlineData("pool create /p --size 1G --chunk-size 96K")]
    [InlineData("pool create /p --size 1G --preallocation 1")]
    [InlineData("pool create /p --size 1G --preallocation sparse")]
    [InlineData("pool create /p --size 1G --chunk-size 2K")]
    [InlineData("pool create /p --size 1G --no-space wait")]
    [InlineData("pool set /p")]
    [InlineData("pool set /p --no-space maybe")]
    [InlineData("pool set /p --no-space-timeout 5")]
    [InlineData("pool set /p --low-water 0%")]
    [InlineData("pool set /p --low-water 1.5%")]
    [InlineData("pool set /p --low-water -1%")]
    [InlineData("pool set /p --low-water %")]
    [InlineData("pool set /p --low-water 0")]
    [InlineData("pool set /p --low-water never")]
    [InlineData("pool set /p --auto-extend 1001%")]
    [InlineData("pool set /p --auto-extend")]
    [InlineData("pool set /p --max-size 0")]
    [InlineData("pool set /p --discard")]
    [InlineData("pool set /p --strict yes")]
    [InlineData("pool create /p --discard punch")]
    [InlineData("pool set /p --max-size 10%")]
    [InlineData("pool grow /p")]
    [InlineData("pool grow /p --size 1G --node /x")]
    [InlineData("volume create /m/vm1")]
    [InlineData("volume create /m/vm1 --size 0")]
    [InlineData("volume create /m/vm1 --size")]
    [InlineData("volume hydrate /m/vm1 --rate fast")]
    [InlineData("volume hydrate /m/vm1 --pause --stop")]
    [InlineData("volume create /m/vm1@x --size 1G")]
    [InlineData("volume create /m/@x --size 1G")]
    [InlineData("volume create /m/.x --size 1G")]
    [InlineData("volume create /m/ --size 1G")]
    [InlineData("volume delete /m/vm1@x")]
    [InlineData("volume create /m/vm1 --size 1G --reserve some")]
    [InlineData("volume create /m/vm1 --size 1G --reserve 0")]
    [InlineData("volume set /m/vm1")]
    [InlineData("volume set /m/vm1 --reserve-when never")]
    [InlineData("volume provision /m/vm1")]
    [InlineData("volume provision /m/vm1 --all --length 1M")]
    [InlineData("volume provision /m/vm1 --offset x")]
    [InlineData("volume resize /m/vm1@x --size 1G")]
    [InlineData("volume rename /m/vm1 a@b")]
    [InlineData("volume rename /m/vm1 .a")]
    [InlineData("snapshot create /m/vm1 --name a@b")]
    [InlineData("snapshot create /m/vm1 --name a/b")]
    [InlineData("snapshot rollback /m/vm1")]
    [InlineData("snapshot rollback /m/vm1@a --keep-as b --discard-current")]
    [InlineData("snapshot rollback /m/vm1@a --keep-as b@c")]
    [InlineData("snapshot hold /m/vm1@a")]
    [InlineData("snapshot hold /m/vm1@a --by .x")]
    [InlineData("snapshot hold /m/vm1 --by me")]
    [InlineData("snapshot list /m --sort colour")]
    [InlineData("snapshot prune /m/vm1")]
    [InlineData("snapshot prune /m/vm1 --dry-run")]
    [InlineData("snapshot prune /m/vm1 --keep-last 0")]
    [InlineData("snapshot prune /m/vm1 --keep-daily -1")]
    [InlineData("snapshot prune /m/vm1@a --keep-last 1")]
    [InlineData("volume flatten /m/vm1 --rate 0")]
    [InlineData("jobs /m --cancel one")]
    [InlineData("jobs /m --cancel 1 --pause 2")]
    [InlineData("jobs /m --cancel 1 --rate 1=5M")]
    [InlineData("jobs /m --rate 5M")]
    [InlineData("jobs /m --rate 3")]
    [InlineData("jobs /m --rate 3=0")]
    [InlineData("snapshot delete /m/vm1")]
    [InlineData("snapshot delete /m/vm1@a@b")]
    [InlineData("clone /m/vm1 /m/vm2@x")]
    [InlineData("clone /m/vm1")]
    [InlineData("clone /m/vm1 /m/vm2 --count 0")]
    [InlineData("clone /m/vm1 /m/vm2 --count -1")]
    [InlineData("clone /m/vm1 /m/vm2 --count 10001")]
    [InlineData("clone /m/vm1 /m/vm2 --count many")]
    [InlineData("clone /m/vm1 /m/vm2 --count")]
    [InlineData("mount /p /m --transport tcp")]
    [InlineData("mount /p /m --threads 0")]
    [InlineData("mount /p /m --table-memory 1M")]
    [InlineData("mount /p /m --table-memory 96M")]
    [InlineData("mount /p /m --table-memory 128G")]
    [InlineData("mount /p /m --table-memory lots")]
    [InlineData("mount /p /m --threads 257")]
    [InlineData("mount /p /m --threads many")]
    [InlineData("unmount /m --timeout 5")]
    [InlineData("unmount /m --timeout 0s")]
    [InlineData("events")]
    [InlineData("events /m --follow yes")]
    [InlineData("completion csh")]
    public async Task It_is_a_usage_error_with_one_line(string line) =>
        (await new CommandLineRunner().RunAsync(line.Split(' '))).ShouldBeOneErrorLine(2);

    [Theory]
    [InlineData("pool", "status", "")]
    [InlineData("pool", "create", "", "--size", "1G")]
    [InlineData("pool", "create", "/p", "--node", "")]
    [InlineData("pool", "grow", "/p", "--node", "")]
    [InlineData("mount", "", "")]
    [InlineData("volume", "create", "", "--size", "1G")]
    [InlineData("volume", "create", "/m/a", "--size", "")]
    [InlineData("volume", "rename", "/m/a", "")]
    [InlineData("snapshot", "create", "/m/a", "--name", "")]
    [InlineData("detach", "")]
    [InlineData("@/etc/passwd")]
    public async Task Empty_words_and_response_files_are_usage_errors_too(params string[] args) =>
        (await new CommandLineRunner().RunAsync(args)).ShouldBeOneErrorLine(2);

    [Fact]
    public async Task A_mount_point_must_be_an_empty_directory()
    {
        string root = Directory.CreateTempSubdirectory("thinfuse-").FullName;
        string pool = Directory.CreateDirectory(Path.Combine(root, "pool")).FullName;
        string full = Directory.CreateDirectory(Path.Combine(root, "full")).FullName;
        string file = Path.Combine(full, "file");
        await File.WriteAllTextAsync(file, "");
        string blank = Directory.CreateDirectory(Path.Combine(root, "blank")).FullName;
        string empty = Directory.CreateDirectory(Path.Combine(root, "empty")).FullName;
        await File.WriteAllTextAsync(Path.Combine(pool, "superblock"), "");
        try
        {
            CommandLineRunner runner = new();
            (await runner.RunAsync("mount", blank, empty)).ShouldBeOneErrorLine(5);
            Directory.EnumerateFileSystemEntries(blank).Should().BeEmpty("what is no pool is left alone");
            (await runner.RunAsync("mount", pool, full)).ShouldBeOneErrorLine(2);
            (await runner.RunAsync("mount", pool, file)).ShouldBeOneErrorLine(2);
            (await runner.RunAsync("mount", pool, Path.Combine(root, "missing"))).ShouldBeOneErrorLine(5);
            (await runner.RunAsync("mount", file, full)).ShouldBeOneErrorLine(5);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task Nothing_to_unmount_is_said_and_is_no_error()
    {
        string place = Directory.CreateTempSubdirectory("thinfuse-").FullName;
        try
        {
            CommandOutcome outcome = await new CommandLineRunner().RunAsync("unmount", place);

            outcome.Should().Be(new CommandOutcome(0, $"nothing is mounted at {place}\n", ""));
        }
        finally
        {
            Directory.Delete(place);
        }
    }
}
