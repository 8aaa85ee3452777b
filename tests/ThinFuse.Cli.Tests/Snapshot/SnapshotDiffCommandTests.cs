using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ThinFuse.Cli.Tests.Commands;
using ThinFuse.Cli.Tests.Control;

namespace ThinFuse.Cli.Tests.Snapshot;

public sealed class SnapshotDiffCommandTests
{
    private const string Mount = CommandLineRunner.Mount;
    private const string Data = """{"offset":4096,"length":8192,"kind":"data"}""";
    private const string Zero = """{"offset":1099511627776,"length":4096,"kind":"zero"}""";

    [Fact]
    public async Task People_get_a_line_for_each_range_and_a_sum()
    {
        (CommandOutcome outcome, string request) = await RunAsync($"{Data}\n{Zero}\n", Mount + "/vm1@mon", Mount + "/vm1");

        request.Should().Be("GET /v1/diff?to=vm1&from=vm1%40mon");
        outcome.Should().Be(new CommandOutcome(
            0,
            """
                         4096               8192  data
                1099511627776               4096  zero
            2 ranges: 8 KiB data, 4 KiB zero

            """,
            ""));
    }

    [Fact]
    public async Task Scripts_get_the_lines_as_they_are()
    {
        (CommandOutcome outcome, string request) = await RunAsync($"{Data}\n{Zero}\n", Mount + "/a@1", Mount + "/b", "--unrelated", "--json");

        request.Should().Be("GET /v1/diff?to=b&from=a%401&unrelated=true");
        outcome.Should().Be(new CommandOutcome(0, $"{Data}\n{Zero}\n", ""));
    }

    [Fact]
    public async Task Nothing_changed_is_a_result_too()
    {
        (CommandOutcome outcome, _) = await RunAsync("", Mount + "/vm1@mon", Mount + "/vm1");

        outcome.Should().Be(new CommandOutcome(0, "0 ranges: 0 B data, 0 B zero\n", ""));
    }

    [Fact]
    public async Task A_line_that_is_no_range_is_an_error()
    {
        (CommandOutcome outcome, _) = await RunAsync("null\n", Mount + "/vm1@mon", Mount + "/vm1");

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain("a line that is no range");
    }

    private static async Task<(CommandOutcome Outcome, string Request)> RunAsync(string answer, params string[] arguments)
    {
        string request = "";
        await using ControlServer server = await ControlServer.StartAsync(http =>
        {
            request = $"{http.Request.Method} {http.Features.Get<IHttpRequestFeature>()!.RawTarget}";
            return http.Response.WriteAsync(answer);
        });
        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync(["snapshot", "diff", .. arguments]);
        return (outcome, request);
    }
}
