using ThinFuse.Daemon.Files;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Tests.Files;

public sealed class NameRulesTests
{
    private static readonly string Longest = new('a', VolumeName.MaxPartLength);

    [Fact]
    public void Good_names_pass()
    {
        NameRules.Check("vm1", VolumeKind.Volume).Should().Be(0);
        NameRules.Check(Longest, VolumeKind.Volume).Should().Be(0);
        NameRules.Check($"{Longest}@{Longest}", VolumeKind.Snapshot).Should().Be(0);
    }

    [Theory]
    [InlineData("vm1@x", VolumeKind.Volume)]
    [InlineData(".x", VolumeKind.Volume)]
    [InlineData("a b", VolumeKind.Volume)]
    [InlineData("", VolumeKind.Volume)]
    [InlineData("vm1", VolumeKind.Snapshot)]
    [InlineData("vm1@", VolumeKind.Snapshot)]
    [InlineData("@x", VolumeKind.Snapshot)]
    [InlineData("a@b@c", VolumeKind.Snapshot)]
    public void Bad_names_are_invalid(string name, VolumeKind kind) => NameRules.Check(name, kind).Should().Be(FuseErrno.EINVAL);

    [Fact]
    public void Long_names_are_too_long()
    {
        NameRules.Check(Longest + "a", VolumeKind.Volume).Should().Be(FuseErrno.ENAMETOOLONG);
        NameRules.Check($"a@{Longest}b", VolumeKind.Snapshot).Should().Be(FuseErrno.ENAMETOOLONG);
    }
}
