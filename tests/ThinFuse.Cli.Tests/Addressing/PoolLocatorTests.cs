using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.Errors;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Tests.Addressing;

public sealed class PoolLocatorTests : IDisposable
{
    private readonly string _mount = Directory.CreateTempSubdirectory("thinfuse-").FullName;

    public void Dispose() => Directory.Delete(_mount, recursive: true);

    [Fact]
    public void A_volume_is_found_through_its_directory_also_by_a_relative_path_or_a_symbolic_link()
    {
        string link = Path.Combine(_mount, "link");
        Directory.CreateSymbolicLink(link, _mount);
        PoolLocator locator = Locator();

        foreach (string path in new[] { _mount, _mount + "/", Path.GetRelativePath(Environment.CurrentDirectory, _mount), link })
        {
            locator.FromMount(path).PoolDirectory.Should().Be("/pools/a", $"the path is {path}");
            VolumePath.TryParse(Path.Combine(path, "vm1"), out VolumePath? volume, out _).Should().BeTrue();
            locator.FromVolume(volume!).MountPoint.Should().Be(_mount);
        }
    }

    [Fact]
    public void A_directory_below_a_mount_is_no_mount()
    {
        Directory.CreateDirectory(Path.Combine(_mount, "sub"));

        Action act = () => Locator().FromMount(Path.Combine(_mount, "sub"));

        act.Should().Throw<CommandFailure>().Which.Kind.Should().Be(ControlErrorKind.NotFound);
    }

    [Fact]
    public void A_pool_is_meant_by_its_mount_or_by_its_directory()
    {
        string pool = Directory.CreateDirectory(Path.Combine(_mount, "pool")).FullName;

        Locator().FromPoolOrMount(_mount).Should().Be("/pools/a");
        Locator().FromPoolOrMount(pool).Should().Be(pool);
    }

    private PoolLocator Locator() => new(() => MountTable.Parse([$"1 2 0:3 / {_mount} rw - fuse.thinfuse /pools/a rw"]));
}
