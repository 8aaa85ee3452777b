using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ThinFuse.Cli.Tests.Commands;
using ThinFuse.Cli.Tests.Control;

namespace ThinFuse.Cli.Tests.Events;

public sealed class EventsCommandTests
{
    private const string Mount = CommandLineRunner.Mount;
    private const string Created =
        """{"sequence":1,"time":"2026-11-24T10:15:00.250Z","kind":"volume_created","message":"vm1","volume":"vm1","sizeBytes":0}""";

    // What a newer daemon may send.
    private const string Unknown = """{"sequence":2,"time":"2026-11-24T10:16:00.000Z","kind":"moon_rose","message":"two\nlines","phase":"full"}""";
    private const string Lost = """{"kind":"events_lost","count":12}""";

    [Fact]
    public async Task People_get_a_line_of_time_kind_and_message_each()
    {
        await using ControlServer server = await SendingAsync(Created, Unknown, Lost);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("events", Mount);

        outcome.Should().Be(new CommandOutcome(
            0,
            """
            2026-11-24 10:15:00Z  volume_created      vm1
            2026-11-24 10:16:00Z  moon_rose           two lines
            -                     events_lost         12 events are not kept any more

            """,
            ""));
    }

    [Fact]
    public async Task Scripts_get_the_lines_as_they_are()
    {
        await using ControlServer server = await SendingAsync(Created, Unknown, Lost);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("events", Mount, "--json");

        outcome.Should().Be(new CommandOutcome(0, $"{Created}\n{Unknown}\n{Lost}\n", ""));
    }

    [Theory]
    [InlineData("/v1/events")]
    [InlineData("/v1/events?follow=true", "--follow")]
    public async Task It_asks_for_what_is_wanted_and_a_follower_is_told_of_the_end(string request, params string[] options)
    {
        string? seen = null;
        await using ControlServer server = await ControlServer.StartAsync(http =>
        {
            seen = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
            return http.Response.WriteAsync(Created + "\n");
        });

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync(["events", Mount, "--json", .. options]);

        seen.Should().Be(request);
        outcome.ExitCode.Should().Be(0);
        outcome.Output.Should().Be(Created + "\n");
        outcome.Errors.Should().Be(options.Length == 0 ? "" : $"thinfuse: {Mount} is not mounted any more; there are no more events\n");
    }

    [Fact]
    public async Task A_daemon_that_dies_is_an_error_after_what_came_before()
    {
        await using ControlServer server = await ControlServer.StartAsync(async http =>
        {
            await http.Response.WriteAsync(Created + "\n");
            await http.Response.Body.FlushAsync();
            http.Abort();
        });

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("events", Mount, "--follow", "--json");

        outcome.ExitCode.Should().Be(1);
        outcome.Output.Should().BeOneOf(Created + "\n", "");
        outcome.Errors.Should().Contain("went away");
    }

    [Fact]
    public async Task A_refusal_is_the_line_and_the_exit_code()
    {
        await using ControlServer server = await ControlServer.StartAsync(http =>
        {
            http.Response.StatusCode = 423;
            return http.Response.WriteAsync("""{"kind":"busy","message":"too many followers; end one"}""");
        });

        (await new CommandLineRunner(server.PoolDirectory).RunAsync("events", Mount)).ShouldBeOneErrorLine(4);
    }

    [Fact]
    public async Task What_is_no_event_is_said_in_one_line()
    {
        await using ControlServer server = await SendingAsync("nonsense");

        (await new CommandLineRunner(server.PoolDirectory).RunAsync("events", Mount)).ShouldBeOneErrorLine(1);
    }

    private static Task<ControlServer> SendingAsync(params string[] lines) =>
        ControlServer.StartAsync(http => http.Response.WriteAsync(string.Concat(lines.Select(line => line + "\n"))));
}
