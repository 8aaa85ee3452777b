using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Commands;

/// <summary>Input that is wrong gets one line and its exit code, and changes nothing.</summary>
public sealed class BadInputTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Failed = 1;
    private const int Usage = 2;
    private const int NotFound = 5;

    [SkippableFact]
    public void A_volume_of_a_bad_name_or_size_is_refused()
    {
        PoolFixture pool = NewMountedPool("64M");
        string[] names = ["", ".vm", "-vm", "v m", "vm1@", "vm1@s", "@s", "a@b@c", new string('a', 129)];
        string[] sizes = ["0", "-1G", "1000", "1X", "1.5G", "99999999T", "8000000T", ""];

        foreach ((string name, string size) in names.Select(name => (name, "1G")).Concat(sizes.Select(size => ("vm1", size))))
        {
            MustRefuse(Usage, "volume", "create", $"{pool.MountPoint}/{name}", "--size", size);
        }

        Directory.GetFiles(pool.MountPoint).Should().BeEmpty();
    }

    [SkippableFact]
    public void Names_that_are_taken_or_missing_are_told()
    {
        PoolFixture pool = NewMountedPool("64M");
        string vm1 = pool.CreateVolume("vm1", "1M");
        string vm2 = pool.CreateVolume("vm2", "1M");
        string snapshot = pool.Snapshot("vm1", "s");

        MustRefuse(Failed, "volume", "create", vm1, "--size", "1G");
        MustRefuse(Failed, "volume", "rename", vm1, "vm2");
        MustRefuse(Failed, "snapshot", "create", vm1, "--name", "s");
        MustRefuse(Failed, "clone", snapshot, vm2);
        MustRefuse(NotFound, "clone", pool.PathOf("none"), pool.PathOf("new"));
        MustRefuse(NotFound, "volume", "delete", pool.PathOf("none"));
        MustRefuse(NotFound, "volume", "resize", pool.PathOf("none"), "--size", "1G");
        MustRefuse(NotFound, "snapshot", "create", pool.PathOf("none"));
        MustRefuse(NotFound, "snapshot", "delete", pool.PathOf("vm1@none"));
        MustRefuse(NotFound, "attach", pool.PathOf("none"));
        MustRefuse(Usage, "volume", "delete", snapshot);
        MustRefuse(Usage, "snapshot", "delete", vm1);

        Directory.GetFiles(pool.MountPoint).Select(Path.GetFileName).Should().BeEquivalentTo("vm1", "vm2", "vm1@s");
    }

    [SkippableFact]
    public void Several_snapshots_at_one_instant_are_all_taken_or_none()
    {
        PoolFixture pool = NewMountedPool("64M");
        string vm1 = pool.CreateVolume("vm1", "1M");
        string vm2 = pool.CreateVolume("vm2", "1M");
        pool.Snapshot("vm2", "s");

        MustRefuse(Failed, "snapshot", "create", vm1, vm2, "--name", "s");

        File.Exists(vm1 + "@s").Should().BeFalse();
    }

    [SkippableFact]
    public void Growth_that_is_none_is_refused()
    {
        PoolFixture pool = NewMountedPool("64M");

        MustRefuse(Usage, "pool", "grow", pool.MountPoint, "--size", "32M");
        MustRefuse(Usage, "pool", "grow", pool.MountPoint);

        pool.StatusBytes("totalBytes").Should().Be(64 << 20);
    }

    [SkippableFact]
    public void What_is_no_pool_and_no_mount_is_told()
    {
        PoolFixture pool = NewPool("64M");
        string empty = Path.Combine(pool.Home, "empty");
        Directory.CreateDirectory(empty);
        string missing = Path.Combine(pool.Home, "missing");

        foreach (string place in new[] { empty, missing })
        {
            MustRefuse(NotFound, "mount", place, pool.MountPoint);
            MustRefuse(NotFound, "pool", "status", place);
            MustRefuse(NotFound, "pool", "check", place);
            MustRefuse(NotFound, "volume", "list", place);
            MustRefuse(NotFound, "volume", "create", Path.Combine(place, "vm1"), "--size", "1M");
        }

        Directory.EnumerateFileSystemEntries(empty).Should().BeEmpty("looking at a directory leaves nothing in it");
    }

    [SkippableFact]
    public void A_mount_point_that_is_none_is_refused()
    {
        PoolFixture pool = NewPool("64M");
        string file = Path.Combine(pool.Home, "file");
        File.WriteAllText(file, "x");
        string full = Path.Combine(pool.Home, "full");
        Directory.CreateDirectory(Path.Combine(full, "something"));

        MustRefuse(Usage, "mount", pool.PoolDirectory, file);
        MustRefuse(Usage, "mount", pool.PoolDirectory, full);
        MustRefuse(NotFound, "mount", pool.PoolDirectory, Path.Combine(pool.Home, "missing"));
        MustRefuse(Usage, "mount", pool.PoolDirectory, pool.PoolDirectory);

        MountEntry.Below(pool.Home).Should().BeEmpty();
        pool.Mount();
    }

    [SkippableFact]
    public void A_chunk_size_that_is_none_is_refused()
    {
        string pool = Path.Combine(Scratch.NewDirectory("bad"), "pool");

        foreach (string chunkSize in new[] { "3K", "2K", "96K", "32M", "0", "64k?" })
        {
            MustRefuse(Usage, "pool", "create", pool, "--size", "64M", "--chunk-size", chunkSize);
        }

        Directory.Exists(pool).Should().BeFalse();
    }

    [SkippableFact]
    public void A_pool_is_never_made_over_something_else()
    {
        PoolFixture pool = NewPool("64M");
        string before = pool.Status().GetProperty("uuid").GetString()!;

        MustRefuse(Failed, "pool", "create", pool.PoolDirectory, "--size", "64M");
        MustRefuse(Failed, "pool", "create", pool.Home, "--size", "64M");

        pool.Status().GetProperty("uuid").GetString().Should().Be(before);
    }

    private static void MustRefuse(int exitCode, params string[] arguments) =>
        ThinFuseProgram.Run(arguments).MustExit(exitCode).ErrorLines.Should().ContainSingle(string.Join(' ', arguments))
            .Which.Should().StartWith("thinfuse: ");
}
