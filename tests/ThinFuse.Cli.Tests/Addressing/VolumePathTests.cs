using ThinFuse.Cli.Addressing;

namespace ThinFuse.Cli.Tests.Addressing;

public sealed class VolumePathTests
{
    [Theory]
    [InlineData("/mnt/vm1", "/mnt", "vm1")]
    [InlineData("/mnt/a@b", "/mnt", "a@b")]
    [InlineData("/mnt/../x/vm1", "/x", "vm1")]
    [InlineData("/vm1", "/", "vm1")]
    public void A_path_is_a_directory_and_a_name(string text, string directory, string name)
    {
        VolumePath.TryParse(text, out VolumePath? path, out string problem).Should().BeTrue(problem);
        path!.Directory.Should().Be(directory);
        path.Name.ToString().Should().Be(name);
        path.FullPath.Should().Be(Path.Combine(directory, name));
    }

    [Fact]
    public void A_bare_name_lies_in_the_working_directory()
    {
        VolumePath.TryParse("vm1", out VolumePath? path, out _).Should().BeTrue();
        path!.Directory.Should().Be(Environment.CurrentDirectory);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/mnt/")]
    [InlineData("/mnt/..")]
    [InlineData("/mnt/a b")]
    [InlineData("/mnt/@x")]
    public void A_path_without_a_name_is_refused(string text)
    {
        VolumePath.TryParse(text, out _, out string problem).Should().BeFalse();
        problem.Should().Contain("MNT/NAME");
    }
}
