using ThinFuse.Fuse.Mounting;

namespace ThinFuse.Fuse.Tests;

public sealed class MountTableTests
{
    [Fact]
    public void A_line_gives_device_mount_point_and_type_with_escapes_undone()
    {
        MountTableEntry? entry = MountTable.Parse(@"96 28 0:54 / /mnt/a\040b\134c rw,nosuid,nodev shared:1 master:2 - fuse.thinfuse /pool rw,user_id=0");

        entry.Should().Be(new MountTableEntry("0:54", @"/mnt/a b\c", "fuse.thinfuse"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("96 28 0:54 / /mnt")]
    [InlineData("96 28 0:54 / /mnt rw -")]
    [InlineData("- - - - -")]
    public void What_is_not_a_line_gives_nothing(string line) => MountTable.Parse(line).Should().BeNull();

    [Fact]
    public void The_root_is_mounted() => MountTable.FindAt("/").Should().NotBeNull();
}
