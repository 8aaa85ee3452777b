using Microsoft.Extensions.Logging;
using ThinFuse.Cli.Engine;

namespace ThinFuse.Cli.Tests.Commands;

public sealed class LineLoggerTests
{
    [Fact]
    public void An_event_is_one_line_with_time_level_and_source()
    {
        using StringWriter log = new();
        using LineLoggerProvider provider = new(log);

        provider.CreateLogger("ThinFuse.Pool").LogWarning("no space left, {Bytes} wanted", 512);

        log.ToString().Should().MatchRegex(
            @"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning ThinFuse\.Pool: no space left, 512 wanted\n$");
    }

    [Fact]
    public void A_log_that_cannot_be_written_does_not_reach_who_logs()
    {
        using LineLoggerProvider provider = new(new FullWriter());

        Action act = () => provider.CreateLogger("x").LogError(new InvalidOperationException("y"), "z");

        act.Should().NotThrow();
    }

    private sealed class FullWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("No space left on device");
    }
}
