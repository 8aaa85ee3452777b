using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.Completion;

namespace ThinFuse.Cli.Tests.Commands;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("thinfuse vol", "volume")]
    [InlineData("thinfuse volume re", "resize", "rename")]
    [InlineData("thinfuse pool create /p --ch", "--chunk-size")]
    [InlineData("thinfuse completion ", "bash", "zsh", "fish")]
    public async Task A_shell_is_told_what_may_come_next(string line, params string[] expected)
    {
        CommandOutcome outcome = await new CommandLineRunner().RunAsync($"[suggest:{line.Length}]", line);

        outcome.ExitCode.Should().Be(0);
        outcome.Output.Split('\n').Should().Contain(expected);
    }

    [Fact]
    public void Paths_are_the_mounts_of_pools_and_what_lies_in_the_directory_typed_so_far()
    {
        string directory = Directory.CreateTempSubdirectory("thinfuse-").FullName;
        File.WriteAllText(Path.Combine(directory, "vm1"), "");
        File.WriteAllText(Path.Combine(directory, "vm1@monday"), "");
        File.WriteAllText(Path.Combine(directory, "other"), "");
        try
        {
            IReadOnlyList<MountEntry> mounts = MountTable.Parse(
                ["1 2 0:3 / /srv/vms rw - fuse.thinfuse /pools/a rw", "1 2 0:3 / /srv/else rw - tmpfs x rw"]);

            PathCompletions.Suggest("/srv/", mounts).Should().Contain("/srv/vms/").And.NotContain("/srv/else/");
            PathCompletions.Suggest(directory + "/vm", mounts).Should().Equal(directory + "/vm1", directory + "/vm1@monday");
            PathCompletions.Suggest(directory + "/nowhere/x", mounts).Should().BeEmpty();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Each_script_asks_the_program_itself(string shell)
    {
        CommandOutcome outcome = await new CommandLineRunner().RunAsync("completion", shell);

        outcome.Output.Should().Contain("thinfuse \"[suggest:");
    }
}
