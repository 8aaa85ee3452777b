using System.Text.Json;
using ThinFuse.EndToEnd.Filesystems;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Exhaustion;

/// <summary>Promises as users make them, and that they are kept in a pool that has nothing left.</summary>
public sealed class ReservationTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output, TimeSpan.FromMinutes(2))
{
    private const int MiB = 1 << 20;
    private const int Pieces = 80;

    [SkippableTheory]
    [OnEachTransport("ext4")]
    [OnEachTransport("xfs")]
    public void A_filesystem_on_a_reserved_volume_sees_no_error_while_its_neighbour_gets_ENOSPC(string type, string transport)
    {
        FilesystemKind kind = FilesystemKind.Of(type);
        kind.Require();
        Need.Loop();
        PoolFixture pool = NewMountedPool("384M", transport: transport);
        ThinFuseProgram.Run("volume", "create", pool.PathOf("vm1"), "--size", "320M", "--reserve", "full").MustSucceed();
        pool.StatusBytes("reservedBytes").Should().Be(320 * MiB);
        string neighbour = pool.CreateVolume("vm2", "1G");
        Tool.Run("dd", "if=/dev/zero", $"of={neighbour}", "bs=1M", "conv=notrunc", "status=none").MustFail("No space left on device");
        pool.StatusBytes("freeBytes").Should().BeLessThan(MiB);

        LoopFilesystem filesystem = pool.Filesystem(pool.Attach("vm1"), kind);
        filesystem.Make();
        filesystem.Mount();
        Filler filler = Filler.Fill(filesystem.PathOf("filler"), Seeded(3), Pieces);
        Tool.Run("fstrim", filesystem.MountPoint).MustSucceed();
        Filler again = Filler.Fill(filesystem.PathOf("again"), Seeded(4), Pieces);

        filler.ErrorNumber.Should().Be(0);
        again.ErrorNumber.Should().Be(0);
        Tool.Run("dd", "if=/dev/zero", $"of={neighbour}", "bs=64k", "seek=8000", "count=1", "conv=notrunc", "status=none").MustFail("No space left on device");
        filesystem.Unmount();
        filesystem.MustBeClean();
        filesystem.Mount();
        filler.MustBeIntact();
        again.MustBeIntact();
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Zeroing_through_loop_provisions_and_a_snapshot_that_cannot_keep_that_is_refused(string transport)
    {
        Need.Loop();
        Need.Tools("blkdiscard");
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        string volume = pool.CreateVolume("vm1", "256M");
        string device = pool.Attach("vm1");

        Tool.Run("blkdiscard", "--zeroout", "--offset", "16M", "--length", "32M", device).MustSucceed();

        JsonElement provisioned = pool.Volume("vm1");
        provisioned.GetProperty("provisionedBytes").GetInt64().Should().Be(32 * MiB);
        provisioned.GetProperty("reservedBytes").GetInt64().Should().Be(32 * MiB);
        Tool.Run("dd", "if=/dev/zero", $"of={pool.CreateVolume("vm2", "256M")}", "bs=1M", "conv=notrunc", "status=none").MustFail("No space left on device");
        Tool.Run("dd", "if=/dev/zero", $"of={device}", "bs=1M", "seek=16", "count=32", "oflag=direct", "status=none").MustSucceed();
        ToolResult refused = ThinFuseProgram.Run("snapshot", "create", volume, "--name", "s");
        refused.MustExit(3).Errors.Should().Contain($"{32 * MiB} are missing");
        Tool.Run("dd", "if=/dev/zero", $"of={device}", "bs=1M", "seek=48", "count=1", "oflag=direct", "status=none").MustFail("No space left on device");

        ThinFuseProgram.Run("volume", "delete", pool.PathOf("vm2")).MustSucceed();
        pool.WaitForStatus("space is back", status => status.GetProperty("freeBytes").GetInt64() == 32 * MiB);
        pool.Snapshot("vm1", "s");
        pool.StatusBytes("reservedBytes").Should().Be(32 * MiB);
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_reserve_when_open_is_taken_by_losetup_and_given_back_by_its_end(string transport)
    {
        Need.Loop();
        PoolFixture pool = NewMountedPool("64M", transport: transport);
        string volume = pool.PathOf("vm1");
        ThinFuseProgram.Run("volume", "create", volume, "--size", "48M", "--reserve", "full", "--reserve-when", "open").MustSucceed();
        pool.StatusBytes("reservedBytes").Should().Be(0);
        string reader = Tool.Run("losetup", "--find", "--show", "--read-only", volume).MustSucceed().Text;
        pool.StatusBytes("reservedBytes").Should().Be(0);
        Tool.Run("losetup", "--detach", reader).MustSucceed();

        string device = pool.Attach("vm1");
        pool.StatusBytes("reservedBytes").Should().Be(48 * MiB);
        pool.Detach(device);
        pool.WaitForStatus("the reserve is given back", status => status.GetProperty("reservedBytes").GetInt64() == 0);

        Tool.Run("dd", "if=/dev/zero", $"of={pool.CreateVolume("vm2", "64M")}", "bs=1M", "count=32", "conv=notrunc", "status=none").MustSucceed();
        Tool.Run("losetup", "--find", "--show", volume).MustFail("No space left on device");
        Tool.Run("dd", $"if={volume}", "of=/dev/null", "bs=1M", "status=none").MustSucceed();
        pool.Log.Should().Contain("reservation_refused").And.Contain("vm1");
    }
}
