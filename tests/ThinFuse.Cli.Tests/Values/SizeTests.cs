using ThinFuse.Cli.Values;

namespace ThinFuse.Cli.Tests.Values;

public sealed class SizeTests
{
    [Theory]
    [InlineData("512", 512)]
    [InlineData("1K", 1024)]
    [InlineData("64k", 65536)]
    [InlineData("64KiB", 65536)]
    [InlineData("3M", 3L << 20)]
    [InlineData("10G", 10L << 30)]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("2T", 2L << 40)]
    [InlineData("8388607T", 8388607L << 40)]
    [InlineData("9223372036854775296", 9223372036854775296)]
    public void A_size_is_bytes_or_a_whole_number_of_binary_units(string text, long bytes)
    {
        Size.TryParse(text, out long parsed, out string problem).Should().BeTrue(problem);
        parsed.Should().Be(bytes);
        problem.Should().BeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("G")]
    [InlineData("ten")]
    [InlineData("-1")]
    [InlineData("-1G")]
    [InlineData("+1G")]
    [InlineData("1.5G")]
    [InlineData("1,5G")]
    [InlineData("0x200")]
    [InlineData("1e9")]
    [InlineData("1 G")]
    [InlineData(" 1G")]
    [InlineData("1G ")]
    [InlineData("1GB")]
    [InlineData("1GiBs")]
    [InlineData("1gIb")]
    [InlineData("1P")]
    [InlineData("1GG")]
    [InlineData("١K")]
    [InlineData("0")]
    [InlineData("0G")]
    [InlineData("1")]
    [InlineData("513")]
    [InlineData("8388608T")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999")]
    [InlineData("18014398509481985K")]
    public void Anything_else_is_refused_with_one_line_that_repeats_it(string text)
    {
        Size.TryParse(text, out long bytes, out string problem).Should().BeFalse();
        bytes.Should().Be(0);
        problem.Should().StartWith($"'{text}' ").And.NotContain("\n");
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(512, "512 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData((1L << 20) - 1, "1 MiB")]
    [InlineData(10L << 30, "10 GiB")]
    [InlineData((10L << 30) + (1L << 29), "10.5 GiB")]
    [InlineData(5000L << 40, "5000 TiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void Sizes_for_people_have_a_binary_unit_and_at_most_one_digit_after_the_point(long bytes, string text) =>
        Size.ToText(bytes).Should().Be(text);
}
