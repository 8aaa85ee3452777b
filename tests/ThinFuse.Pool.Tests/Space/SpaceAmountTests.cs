namespace ThinFuse.Pool.Tests.Space;

public sealed class SpaceAmountTests
{
    [Theory]
    [InlineData("off", 0)]
    [InlineData("1%", 10)]
    [InlineData("20%", 200)]
    [InlineData("1000%", 10_000)]
    [InlineData("512", 512)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void It_is_read_as_it_is_written(string text, long bytesOfThousand)
    {
        SpaceAmount.TryParse(text, out SpaceAmount amount).Should().BeTrue();

        amount.ToString().Should().Be(text);
        amount.InBytes(1000).Should().Be(bytesOfThousand);
        amount.IsOff.Should().Be(text == "off");
        SpaceAmount.TryDecode(amount.Code, out SpaceAmount again).Should().BeTrue();
        again.Should().Be(amount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%")]
    [InlineData("0%")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("+5%")]
    [InlineData("1001%")]
    [InlineData("10 %")]
    [InlineData("5G")]
    public void Anything_else_is_none(string text) => SpaceAmount.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void Percent_of_the_largest_pool_fit() => SpaceAmount.OfPercent(SpaceAmount.MaxPercent / 10).InBytes(long.MaxValue).Should().Be(long.MaxValue);
}
