using ThinFuse.Cli.Values;

namespace ThinFuse.Cli.Tests.Values;

public sealed class AgeTests
{
    [Theory]
    [InlineData(-5, "0 seconds")]
    [InlineData(0, "0 seconds")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "1 minute")]
    [InlineData(7199, "1 hour")]
    [InlineData(7200, "2 hours")]
    [InlineData(86_400, "1 day")]
    [InlineData(86_400 * 364, "364 days")]
    [InlineData(86_400 * 731, "2 years")]
    public void An_age_is_told_by_its_largest_unit(int seconds, string expected) =>
        Age.ToText(TimeSpan.FromSeconds(seconds)).Should().Be(expected);
}
