using ThinFuse.Cli.Values;

namespace ThinFuse.Cli.Tests.Values;

public sealed class VolumeNameTests
{
    private static readonly string Longest = new('a', 128);

    [Theory]
    [InlineData("vm1", "vm1", null)]
    [InlineData("0", "0", null)]
    [InlineData("A.b_c-d", "A.b_c-d", null)]
    [InlineData("vm1@monday", "vm1", "monday")]
    [InlineData("vm1@20261124T101500Z", "vm1", "20261124T101500Z")]
    public void Names_are_taken_apart_at_the_at(string text, string volume, string? snapshot)
    {
        VolumeName.TryParse(text, out VolumeName? name, out string problem).Should().BeTrue(problem);
        name.Should().Be(new VolumeName(volume, snapshot));
        name!.ToString().Should().Be(text);
    }

    [Fact]
    public void Each_part_may_have_128_characters_and_no_more()
    {
        VolumeName.TryParse($"{Longest}@{Longest}", out _, out _).Should().BeTrue();
        VolumeName.TryParse(Longest + "a", out _, out string problem).Should().BeFalse();
        problem.Should().Contain("129");
        VolumeName.TryParse($"{Longest}@{Longest}a", out _, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("@monday")]
    [InlineData("vm1@")]
    [InlineData("vm1@a@b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("-x")]
    [InlineData("_x")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("ä")]
    [InlineData("a\0")]
    [InlineData("vm1@.hidden")]
    public void Anything_else_is_refused_with_a_reason(string text)
    {
        VolumeName.TryParse(text, out VolumeName? name, out string problem).Should().BeFalse();
        name.Should().BeNull();
        problem.Should().NotBeEmpty();
    }
}
