using ThinFuse.Cli.Values;

namespace ThinFuse.Cli.Tests.Values;

public sealed class ChunkSizeTests
{
    [Theory]
    [InlineData("4K", 4096)]
    [InlineData("65536", 65536)]
    [InlineData("16M", 16 << 20)]
    public void A_power_of_two_in_range_is_taken(string text, int bytes)
    {
        ChunkSize.TryParse(text, out int parsed, out string problem).Should().BeTrue(problem);
        parsed.Should().Be(bytes);
    }

    [Theory]
    [InlineData("2K")]
    [InlineData("32M")]
    [InlineData("96K")]
    [InlineData("4T")]
    [InlineData("junk")]
    public void Other_sizes_are_refused(string text)
    {
        ChunkSize.TryParse(text, out int bytes, out string problem).Should().BeFalse();
        bytes.Should().Be(0);
        problem.Should().Contain(text);
    }
}
