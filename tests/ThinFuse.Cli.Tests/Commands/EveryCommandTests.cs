using System.CommandLine;
using System.Text.Json;
using ThinFuse.Cli.CommandLine;

namespace ThinFuse.Cli.Tests.Commands;

/// <summary>What holds for every command alike.</summary>
public sealed class EveryCommandTests
{
    private const string Nowhere = "/nonexistent/thinfuse";

    // A complete line of each command, addressing what does not exist. Commands that address nothing end with null.
    private static readonly string[][] Lines =
    [
        ["pool create", Nowhere + "/pool", "--size", "10M"],
        ["pool status", Nowhere],
        ["pool grow", Nowhere, "--size", "20M"],
        ["pool set", Nowhere, "--no-space", "queue"],
        ["pool check", Nowhere],
        ["pool dump", Nowhere],
        ["pool restore", Nowhere + "/dump", Nowhere + "/pool"],
        ["pool repair", Nowhere, Nowhere + "/new"],
        ["pool whereis", Nowhere, "n-0:5M"],
        ["mount", Nowhere, "/tmp"],
        ["unmount", Nowhere],
        ["upgrade", Nowhere],
        ["volume create", Nowhere + "/vm1", "--size", "1G"],
        ["volume delete", Nowhere + "/vm1"],
        ["volume resize", Nowhere + "/vm1", "--size", "2G"],
        ["volume set", Nowhere + "/vm1", "--reserve", "full"],
        ["volume provision", Nowhere + "/vm1", "--all"],
        ["volume rename", Nowhere + "/vm1", "vm2"],
        ["volume flatten", Nowhere + "/vm1", "--rate", "100M", "--wait"],
        ["volume hydrate", Nowhere + "/vm1", "--rate", "100M", "--wait"],
        ["volume list", Nowhere],
        ["snapshot create", Nowhere + "/vm1"],
        ["snapshot delete", Nowhere + "/vm1@monday"],
        ["snapshot rollback", Nowhere + "/vm1@monday", "--keep-as", "broken"],
        ["snapshot prune", Nowhere + "/vm1", "--keep-last", "3"],
        ["snapshot hold", Nowhere + "/vm1@monday", "--by", "backup"],
        ["snapshot release", Nowhere + "/vm1@monday", "--by", "backup"],
        ["snapshot list", Nowhere, "--sort", "age"],
        ["snapshot tree", Nowhere],
        ["snapshot diff", Nowhere + "/vm1@monday", Nowhere + "/vm1"],
        ["clone", Nowhere + "/vm1@monday", Nowhere + "/vm2", "--count", "3"],
        ["send", Nowhere + "/vm1@tuesday", "--from", Nowhere + "/vm1@monday"],
        ["receive", Nowhere + "/vm1", "--force"],
        ["attach", Nowhere + "/vm1"],
        ["detach", Nowhere + "/vm1"],
        ["jobs", Nowhere],
        ["events", Nowhere, "--follow"],
        ["completion", "bash"],
    ];

    private static readonly string[] AddressingNothing = ["pool create", "completion"];

    public static TheoryData<string> Commands => [.. Lines.Select(line => line[0])];

    [Fact]
    public void The_list_above_names_every_command() =>
        Leaves(ThinFuseCommandLine.Build(new CommandLineRunner().Services)).Should().BeEquivalentTo(Lines.Select(line => line[0]));

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_behaves_like_all_others(string command)
    {
        CommandLineRunner runner = new();
        string[] words = command.Split(' ');
        string[] line = [.. words, .. Lines.Single(candidate => candidate[0] == command)[1..]];

        CommandOutcome help = await runner.RunAsync([.. words, "--help"]);
        help.ExitCode.Should().Be(0);
        help.Errors.Should().BeEmpty();
        help.Output.Should().Contain("Description:").And.Contain("Usage:").And.Contain("--json");
        help.Output.Split('\n').Select(row => row.Trim()).Should().OnlyContain(
            row => !row.StartsWith('-') && !row.StartsWith('<') || row.Contains("  ", StringComparison.Ordinal),
            "every option and argument is described");

        (await runner.RunAsync([.. line, "--frobnicate"])).ShouldBeOneErrorLine(2);
        (await runner.RunAsync([.. line, "one", "--two", "too", "many"])).ShouldBeOneErrorLine(2);
        (await runner.RunAsync(words)).ShouldBeOneErrorLine(2);

        CommandOutcome missing = await runner.RunAsync([.. words, "--json"]);
        missing.ExitCode.Should().Be(2);
        ErrorOf(missing).GetProperty("kind").GetString().Should().Be("usage");

        if (!AddressingNothing.Contains(command))
        {
            (await runner.RunAsync(line)).ShouldBeOneErrorLine(5);
            CommandOutcome json = await runner.RunAsync([.. line, "--json"]);
            json.ExitCode.Should().Be(5);
            json.Output.Should().BeEmpty();
            ErrorOf(json).GetProperty("kind").GetString().Should().Be("notFound");
            ErrorOf(json).GetProperty("message").GetString().Should().Contain(Nowhere);
        }
    }

    [Theory]
    [InlineData]
    [InlineData("pool")]
    [InlineData("volume")]
    [InlineData("snapshot")]
    [InlineData("frobnicate")]
    [InlineData("volume", "frobnicate")]
    public async Task Half_a_command_is_a_usage_error(params string[] args) =>
        (await new CommandLineRunner().RunAsync(args)).ShouldBeOneErrorLine(2);

    [Fact]
    public async Task Something_unexpected_is_one_line_without_a_stack_trace()
    {
        CommandOutcome outcome = await new CommandLineRunner().RunAsync("pool", "create", Nowhere, "--size", "1M");

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Be(
            "thinfuse: unexpected error: the engine was reached and should not have been (InvalidOperationException); "
            + "set THINFUSE_DEBUG=1 to see where\n");
    }

    private static JsonElement ErrorOf(CommandOutcome outcome) => JsonDocument.Parse(outcome.Errors).RootElement.GetProperty("error");

    private static IEnumerable<string> Leaves(Command command, string path = "") => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(child => Leaves(child, path.Length == 0 ? child.Name : $"{path} {child.Name}"));
}
