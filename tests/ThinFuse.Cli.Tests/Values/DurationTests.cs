using ThinFuse.Cli.Values;

namespace ThinFuse.Cli.Tests.Values;

public sealed class DurationTests
{
    [Theory]
    [InlineData("1ms", 1)]
    [InlineData("500ms", 500)]
    [InlineData("5s", 5000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("576h", 2_073_600_000)]
    public void A_duration_is_a_whole_number_with_a_unit(string text, long ms)
    {
        Duration.TryParse(text, out TimeSpan duration, out string problem).Should().BeTrue(problem);
        duration.TotalMilliseconds.Should().Be(ms);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1.5s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("5sec")]
    [InlineData("0s")]
    [InlineData("577h")]
    [InlineData("99999999999999999999ms")]
    public void Anything_else_is_refused_with_one_line_that_repeats_it(string text)
    {
        Duration.TryParse(text, out TimeSpan duration, out string problem).Should().BeFalse();
        duration.Should().Be(TimeSpan.Zero);
        problem.Should().StartWith($"'{text}' ").And.NotContain("\n");
    }
}
