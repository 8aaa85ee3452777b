using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Hosts;

/// <summary>The filesystem that a pool lies on becomes read-only, or is from the start.</summary>
public sealed class ReadOnlyHostTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int PieceBytes = 1 << 20;

    private HostFilesystem? _host;

    [SkippableTheory]
    [OnEachTransport]
    public void A_host_that_becomes_read_only_is_told_to_writers_readers_go_on_and_nothing_synced_is_lost(string transport)
    {
        PoolFixture pool = OnHost(transport);
        pool.Mount();
        string volume = pool.CreateVolume("vm1", "16M");
        byte[] synced = new byte[PieceBytes];
        Seeded(71).NextBytes(synced);
        using (RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite))
        {
            file.Write(0, synced).Should().Be(PieceBytes);
            file.Sync().Should().Be(0);

            _host!.Abort();

            file.Write(PieceBytes, synced).Should().Be(-Errno.EIO, "nothing is acknowledged that cannot be kept");
            ThinFuseProgram.Run("snapshot", "create", volume, "--name", "late").MustExit(1).ErrorLines.Should().ContainSingle();
            pool.Mode.Should().Be("read_only");
            file.Write(0, synced).Should().Be(-Errno.EIO);
            file.Sync().Should().Be(-Errno.EIO);
            MustRead(volume, synced);
        }

        pool.Unmount();
        Waiting.Until("the supervisor has ended too, and started no other server", () => !Leftovers.Belongs(pool.SupervisorPid, pool.PoolDirectory));
        _host.Remount();
        pool.MustBeSound();
        pool.Mount();
        pool.Mode.Should().Be("write");
        MustRead(volume, synced);
        Tool.Run("dd", "if=/dev/zero", $"of={volume}", "bs=1M", "count=4", "seek=4", "conv=notrunc,fsync").MustSucceed();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_pool_on_a_read_only_host_can_be_looked_at_but_not_be_changed_or_mounted_before_it_is_writable()
    {
        PoolFixture pool = OnHost(TransportUnderTest.Default);
        pool.Mount();
        File.WriteAllText(pool.CreateVolume("vm0", "1M"), "here");
        pool.KillDaemon();
        Tool.Run("umount", pool.MountPoint).MustSucceed();
        string before = ThinFuseProgram.Run("pool", "dump", pool.PoolDirectory).MustSucceed().Output;
        _host!.Remount("ro");

        foreach (string[] change in new string[][]
        {
            ["mount", pool.PoolDirectory, pool.MountPoint],
            ["mount", pool.PoolDirectory, pool.MountPoint, "--foreground"],
            ["pool", "grow", pool.PoolDirectory, "--size", "64M"],
        })
        {
            ThinFuseProgram.Run(change).MustExit(1)
                .ErrorLines.Should().ContainSingle().Which.Should().Contain("Read-only file system").And.Contain("remount,rw");
        }

        ThinFuseProgram.Run("pool", "check", pool.PoolDirectory).MustSucceed();
        ThinFuseProgram.Run("pool", "dump", pool.PoolDirectory).MustSucceed().Output.Should().Be(before);
        ThinFuseProgram.Json("pool", "status", pool.PoolDirectory).GetProperty("mode").GetString().Should().Be("write");
        ThinFuseProgram.Json("pool", "whereis", pool.PoolDirectory, "n-0:2M").GetProperty("state").GetString().Should().NotBeNull();
        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
        _host.Remount();
        pool.Mount();
        pool.CreateVolume("vm1", "1M");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        try
        {
            base.Dispose(disposing);
        }
        finally
        {
            _host?.Dispose();
        }
    }

    private static void MustRead(string volume, byte[] expected)
    {
        using AlignedBuffer found = new(expected.Length);
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadOnly | OpenFlags.Direct);
        file.Read(0, found.Bytes).Should().Be(expected.Length);
        found.Bytes.SequenceEqual(expected).Should().BeTrue();
    }

    private PoolFixture OnHost(string transport)
    {
        _host = new HostFilesystem(Scratch, "128M");
        PoolFixture pool = PoolAt(_host.PathOf("pool"), transport);
        pool.Create("--size", "32M");
        return pool;
    }
}
