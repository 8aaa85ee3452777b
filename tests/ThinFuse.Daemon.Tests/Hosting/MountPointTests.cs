using ThinFuse.Daemon.Hosting;
using ThinFuse.Daemon.Tests.Support;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Hosting;

public sealed class MountPointTests : IDisposable
{
    private readonly TemporaryDirectory _place = new();
    private readonly string _poolDirectory;

    public MountPointTests()
    {
        _poolDirectory = Path.Combine(_place.FullPath, "outer", "pool");
        _place.Add("outer");
        ThinPool.Create(_poolDirectory, new PoolCreateOptions { SizeBytes = 8 << 20 });
    }

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_mount_point_that_does_not_exist_is_not_found() => Refused("missing", PoolErrorKind.NotFound, "missing");

    [Fact]
    public void A_file_is_no_mount_point()
    {
        File.WriteAllText(Path.Combine(_place.FullPath, "file"), "");

        Refused("file", PoolErrorKind.Usage, "no directory");
    }

    [Fact]
    public void A_directory_that_is_not_empty_is_refused()
    {
        _place.Add("full/x");

        Refused("full", PoolErrorKind.Usage, "not empty");
    }

    [Fact]
    public void The_pool_is_no_mount_point_for_itself() => Refused("outer/pool", PoolErrorKind.Usage, "in the pool directory");

    [Fact]
    public void A_mount_point_in_the_pool_is_refused_also_through_a_link()
    {
        _place.Add("outer/pool/mnt");
        File.CreateSymbolicLink(Path.Combine(_place.FullPath, "link"), Path.Combine(_poolDirectory, "mnt"));

        Refused("link", PoolErrorKind.Usage, "in the pool directory");
    }

    [Fact]
    public void A_mount_point_above_the_pool_is_refused() => Refused("outer", PoolErrorKind.Usage, "hide the pool");

    [Fact]
    public void A_directory_that_is_no_pool_is_refused()
    {
        Action run = () => Run(_place.Add("empty"), _place.Add("mnt"));

        run.Should().Throw<PoolException>().Which.Message.Should().Contain("empty");
    }

    private void Refused(string mountPoint, PoolErrorKind kind, string words)
    {
        Action run = () => Run(_poolDirectory, Path.Combine(_place.FullPath, mountPoint));

        PoolException refusal = run.Should().Throw<PoolException>().Which;

        refusal.Kind.Should().Be(kind);
        refusal.Message.Should().Contain(words).And.NotContain("\n");

        // Nothing holds the pool afterwards.
        ThinPool.Open(_poolDirectory, new PoolOpenOptions()).Dispose();
    }

    private static void Run(string poolDirectory, string mountPoint) => DaemonHost.Run(
        new DaemonOptions { PoolDirectory = poolDirectory, MountPoint = mountPoint },
        _ => throw new InvalidOperationException("must not get this far"),
        new RecordingLoggers(),
        CancellationToken.None);
}
