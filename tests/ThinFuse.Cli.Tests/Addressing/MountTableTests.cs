using ThinFuse.Cli.Addressing;

namespace ThinFuse.Cli.Tests.Addressing;

public sealed class MountTableTests
{
    [Fact]
    public void A_line_gives_device_place_type_source_and_options()
    {
        IReadOnlyList<MountEntry> table = MountTable.Parse(
            ["36 35 0:52 / /mnt/pool rw,nosuid,nodev shared:1 master:7 - fuse.thinfuse /pools/a rw,user_id=1000,group_id=1000,allow_other"]);

        MountEntry entry = table.Should().ContainSingle().Which;
        entry.Should().BeEquivalentTo(new MountEntry(
            "0:52", "/mnt/pool", "fuse.thinfuse", "/pools/a", ["rw", "user_id=1000", "group_id=1000", "allow_other"]));
        MountedPool.From(entry).Should().Be(new MountedPool("/pools/a", "/mnt/pool", 1000, OthersAllowed: true));
    }

    [Theory]
    [InlineData("36 35 0:52 / /mnt rw - fuse.thinfuse /pools/a rw")]
    [InlineData("36 35 0:52 / /mnt rw a:1 b:2 c:3 - fuse.thinfuse /pools/a rw")]
    public void Any_number_of_optional_fields_may_stand_before_the_separator(string line) =>
        MountTable.Parse([line]).Should().ContainSingle().Which.Source.Should().Be("/pools/a");

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(@"/a\040b", "/a b")]
    [InlineData(@"/tab\011line\012", "/tab\tline\n")]
    [InlineData(@"/back\134slash\134040", @"/back\slash\040")]
    [InlineData(@"/\303\244", "/ä")]
    [InlineData("/ä\\040ö", "/ä ö")]
    [InlineData(@"/short\04", @"/short\04")]
    [InlineData(@"/none\089", @"/none\089")]
    [InlineData(@"/end\", @"/end\")]
    public void Escapes_of_the_kernel_are_undone(string field, string path)
    {
        MountTable.Decode(field).Should().Be(path);
        MountTable.Parse([$"1 2 0:3 / {field} rw - fuse.thinfuse {field} rw"]).Should().ContainSingle().Which
            .Should().Match<MountEntry>(entry => entry.MountPoint == path && entry.Source == path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("36 35 0:52 / /mnt rw")]
    [InlineData("36 35 0:52 / /mnt rw - fuse.thinfuse")]
    [InlineData("- - - - - - - -")]
    [InlineData("one two")]
    public void A_line_of_another_form_is_left_out(string line) => MountTable.Parse([line]).Should().BeEmpty();

    [Fact]
    public void The_mount_on_top_is_the_one_that_counts()
    {
        IReadOnlyList<MountEntry> table = MountTable.Parse(
            ["1 2 0:3 / /mnt rw - fuse.thinfuse /pools/a rw", "2 1 0:4 / /mnt rw - tmpfs tmpfs rw"]);

        MountTable.Find(table, "/mnt")!.Type.Should().Be("tmpfs");
        new PoolLocator(() => table).TryFromMount("/mnt").Should().BeNull();
        MountTable.Find(table, "/mn").Should().BeNull();
    }

    [Fact]
    public void The_table_of_this_machine_has_a_root() => MountTable.Find(MountTable.Read(), "/").Should().NotBeNull();
}
