using Microsoft.AspNetCore.Http;
using ThinFuse.Cli.Tests.Commands;
using ThinFuse.Cli.Tests.Control;

namespace ThinFuse.Cli.Tests.Jobs;

/// <summary>What <c>--wait</c> makes of a job's end.</summary>
public sealed class JobWaiterTests
{
    [Theory]
    [InlineData("completed", "null", 0, "job 7: flatten of vm1 completed, 2 MiB of 2 MiB copied")]
    [InlineData("failed", "\"no room\"", 1, "job 7, flatten of vm1, failed: no room")]
    [InlineData("cancelled", "null", 1, "job 7, flatten of vm1, was cancelled")]
    public async Task A_command_waits_for_the_end_and_tells_it(string state, string error, int exitCode, string told)
    {
        Queue<string> answers = new([Job("running", 0, "null"), Job("paused", 1 << 20, "null"), Job(state, 2 << 20, error)]);
        List<string> seen = [];
        await using ControlServer server = await ControlServer.StartAsync(async http =>
        {
            seen.Add($"{http.Request.Method} {http.Request.Path}");
            await http.Response.WriteAsync(answers.Dequeue());
        });

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("volume", "flatten", CommandLineRunner.Mount + "/vm1", "--wait");

        outcome.ExitCode.Should().Be(exitCode);
        (exitCode == 0 ? outcome.Output : outcome.Errors).Should().Contain(told);
        seen.Should().Equal("POST /v1/volumes/vm1/flatten", "GET /v1/jobs/7", "GET /v1/jobs/7");
    }

    private static string Job(string state, long doneBytes, string error) =>
        $$"""{"id":7,"kind":"flatten","volume":"vm1","state":"{{state}}","doneBytes":{{doneBytes}},"totalBytes":2097152,"rateBytesPerSecond":0,"startedAt":"2026-11-24T10:15:00.000Z","endedAt":null,"error":{{error}}}""";
}
