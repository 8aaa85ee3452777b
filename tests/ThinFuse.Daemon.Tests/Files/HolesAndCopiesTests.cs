using Microsoft.Win32.SafeHandles;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Files;

[Collection(MountCollection.Name)]
public sealed class HolesAndCopiesTests : IDisposable
{
    private const int Chunk = 64 << 10;

    private readonly ServedPool _pool = new();

    public HolesAndCopiesTests() =>
        // Data at 1 MiB (256 KiB) and at 8 MiB (4 KiB); the rest is holes.
        _pool.Sh("truncate -s 16M vm1; dd if=/dev/urandom of=vm1 bs=64k count=4 seek=16 conv=notrunc status=none;"
            + " dd if=/dev/urandom of=vm1 bs=4k count=1 seek=2048 conv=notrunc status=none").MustSucceed();

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public void Seek_finds_data_and_holes()
    {
        using SafeFileHandle file = File.OpenHandle(_pool["vm1"]);

        SystemCalls.Seek(file, 0, SystemCalls.SeekData).Should().Be(1 << 20);
        SystemCalls.Seek(file, 0, SystemCalls.SeekHole).Should().Be(0);
        SystemCalls.Seek(file, 1 << 20, SystemCalls.SeekHole).Should().Be((1 << 20) + (4 * Chunk));
        SystemCalls.Seek(file, 2 << 20, SystemCalls.SeekData).Should().Be(8 << 20);
        SystemCalls.Seek(file, 9 << 20, SystemCalls.SeekData).Should().Be(-SystemCalls.ENXIO);
        SystemCalls.Seek(file, 16 << 20, SystemCalls.SeekHole).Should().Be(-SystemCalls.ENXIO);
    }

    [SkippableTheory]
    [InlineData("cat vm1 > vm2")]
    [InlineData("head -c 16M /dev/urandom > vm1 && cp --sparse=never vm1 vm2", 16 << 20)]
    public void A_whole_copy_in_one_call_is_a_clone_and_takes_no_space(string command, long added = 0)
    {
        long used = Used() + (added == 0 ? 0 : added - (5 * Chunk));

        _pool.Sh(command).MustSucceed();

        Used().Should().Be(used);
        _pool.Sh("cmp vm1 vm2 && cat .thinfuse/volumes/vm2/origin").MustSucceed().Should().Be("vm1");
        _pool.Sh("printf changed | dd of=vm2 bs=1M seek=1 conv=notrunc status=none; cmp -s vm1 vm2").ExitCode.Should().Be(1);
    }

    [SkippableFact]
    public void A_plain_copy_keeps_holes()
    {
        long used = Used();

        _pool.Sh("cp vm1 vm2 && cmp vm1 vm2").MustSucceed();

        (Used() - used).Should().BeLessThanOrEqualTo(5 * Chunk);
        _pool.Sh("stat -c %s vm2").MustSucceed().Should().Be("16777216");
    }

    [SkippableFact]
    public void Part_of_a_volume_is_copied_to_another_place_and_holes_overwrite()
    {
        _pool.Sh("head -c 16M /dev/urandom > vm2; cp vm2 ../expected").MustSucceed();
        using (SafeFileHandle source = File.OpenHandle(_pool["vm1"]))
        using (SafeFileHandle target = File.OpenHandle(_pool["vm2"], access: FileAccess.ReadWrite))
        {
            SystemCalls.CopyRange(source, (1 << 20) - 1000, target, 12345, 300_000).Should().Be(300_000);
        }

        _pool.Sh("dd if=vm1 of=../expected iflag=skip_bytes,count_bytes oflag=seek_bytes"
            + " skip=1047576 count=300000 seek=12345 bs=64k conv=notrunc status=none"
            + " && cmp vm2 ../expected").MustSucceed();
    }

    [SkippableFact]
    public void A_copy_ends_at_the_source_s_end_and_into_a_volume_that_holds_data_it_is_no_clone()
    {
        _pool.Sh("truncate -s 512 vm2").MustSucceed();
        using (SafeFileHandle source = File.OpenHandle(_pool["vm1"]))
        using (SafeFileHandle target = File.OpenHandle(_pool["vm2"], access: FileAccess.ReadWrite))
        {
            SystemCalls.CopyRange(source, 0, target, 0, 1L << 30).Should().Be(16 << 20);
            SystemCalls.CopyRange(source, 16 << 20, target, 0, 4096).Should().Be(0);
        }

        _pool.Sh("cmp vm1 vm2 && cat .thinfuse/volumes/vm2/origin").MustSucceed().Should().BeEmpty();
    }

    [SkippableTheory]
    [InlineData("fallocate -p -o 1M -l 256K vm1")]
    [InlineData("fallocate -z -n -o 1M -l 256K vm1")]
    public void Punching_and_zeroing_give_space_back(string command)
    {
        _pool.Sh("stat -c %b vm1").MustSucceed().Should().Be(AllocatedSectors(4 + 1));

        _pool.Sh(command).MustSucceed();

        _pool.Sh("stat -c '%b %s' vm1").MustSucceed().Should().Be(AllocatedSectors(1) + " 16777216");
        _pool.Sh("cmp -n 7M vm1 /dev/zero").MustSucceed();
    }

    [SkippableFact]
    public void Part_of_a_block_is_punched_exactly()
    {
        _pool.Sh("cp --sparse=always vm1 ../expected; fallocate -p -o 1049000 -l 100001 vm1").MustSucceed();

        _pool.Sh("dd if=/dev/zero of=../expected oflag=seek_bytes iflag=count_bytes seek=1049000 count=100001 bs=64k"
            + " conv=notrunc status=none && cmp vm1 ../expected").MustSucceed();
    }

    [SkippableFact]
    public void Zeroing_past_the_end_extends_when_asked_to()
    {
        _pool.Sh("fallocate -z -o 16M -l 1M vm1 && stat -c %s vm1").MustSucceed().Should().Be("17825792");
        _pool.Sh("fallocate -z -n -o 17M -l 1M vm1 && stat -c %s vm1").MustSucceed().Should().Be("17825792");
    }

    [SkippableTheory]
    [InlineData("fallocate -l 1M vm1", 16777216)]
    [InlineData("fallocate -n -l 1M vm1", 16777216)]
    [InlineData("fallocate -o 16M -l 1M vm1", 17825792)]
    public void Allocating_promises_the_space_takes_none_and_changes_no_byte(string command, int sizeBytes)
    {
        _pool.Sh("cp --sparse=always vm1 ../expected").MustSucceed();

        _pool.Sh(command).MustSucceed();

        _pool.Sh("stat -c '%b %s' vm1").MustSucceed().Should().Be($"{AllocatedSectors(5)} {sizeBytes}");
        _pool.Sh("cat .thinfuse/volumes/vm1/reserved .thinfuse/pool/reserved .thinfuse/volumes/vm1/provisioned").MustSucceed()
            .Should().Be("1048576\n1048576\n1048576");
        _pool.Sh("truncate -s 16M vm1 && cmp vm1 ../expected").MustSucceed();
    }

    [SkippableFact]
    public void Zeros_are_promised_a_hole_is_not()
    {
        _pool.Sh("fallocate -z -n -l 1M vm1; fallocate -p -o 512K -l 512K vm1; cat .thinfuse/volumes/vm1/provisioned").MustSucceed().Should().Be("524288");
        _pool.Sh("fallocate -n -o 17M -l 1M vm1 && stat -c %s vm1").MustSucceed().Should().Be("16777216");
    }

    [SkippableFact]
    public void A_reserve_is_set_and_read_as_an_attribute()
    {
        _pool.Sh("setfattr -n user.thinfuse.reserve -v full vm1 && getfattr --only-values -n user.thinfuse.reserve vm1").MustSucceed().Should().Be("full");
        _pool.Sh("cat .thinfuse/volumes/vm1/reserved").MustSucceed().Should().Be(((16 << 20) - (5 * Chunk)).ToString());
        _pool.Sh("setfattr -n user.thinfuse.reserve -v some vm1").MustFailWith("Invalid");
        _pool.Sh("truncate -s 1T huge && setfattr -n user.thinfuse.reserve -v full huge").MustFailWith("No space");
        _pool.Sh("setfattr -n user.thinfuse.reserve -v none vm1 && cat .thinfuse/pool/reserved").MustSucceed().Should().Be("0");
    }

    [SkippableFact]
    public void Space_that_was_allocated_can_be_overwritten_in_a_full_pool()
    {
        _pool.Sh("fallocate -l 1M vm1; dd if=/dev/zero of=fill bs=64k status=none").MustFailWith("No space");

        _pool.Sh("dd if=/dev/urandom of=vm1 bs=64k count=16 conv=notrunc oflag=direct status=none").MustSucceed();
        _pool.Sh("fallocate -o 8M -l 1M vm1").MustFailWith("No space");
    }

    [SkippableTheory]
    [InlineData("fallocate -c -o 0 -l 1M vm1")]
    [InlineData("fallocate -i -o 0 -l 1M vm1")]
    public void Promises_that_cannot_be_kept_are_refused(string command)
    {
        _pool.Sh(command).MustFailWith("support");

        _pool.Sh("stat -c '%b %s' vm1").MustSucceed().Should().Be(AllocatedSectors(5) + " 16777216");
    }

    private static string AllocatedSectors(int chunks) => (chunks * Chunk / 512).ToString();

    private long Used() => _pool.Control.GetPoolStatusAsync().GetAwaiter().GetResult().AllocatedBytes;
}
