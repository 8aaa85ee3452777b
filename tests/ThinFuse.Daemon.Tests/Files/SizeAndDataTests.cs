using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Files;

[Collection(MountCollection.Name)]
public sealed class SizeAndDataTests : IDisposable
{
    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public void Truncate_creates_a_volume_and_resizes_it()
    {
        _pool.Sh("umask 022; truncate -s 10G vm1 && truncate -s 20G vm1 && truncate -s 1M vm1").MustSucceed();

        _pool.Sh("stat -c '%s %b %o %a %F %u' vm1").MustSucceed().Should().Be($"1048576 0 4096 644 regular file {UserId()}");
    }

    [SkippableTheory]
    [InlineData("truncate -s 1000 vm1", "Invalid argument")]
    [InlineData("truncate -s 1E vm1", "File too large")]
    public void Sizes_that_no_volume_has_are_refused_and_change_nothing(string command, string words)
    {
        _pool.Sh("truncate -s 1M vm1").MustSucceed();

        _pool.Sh(command).MustFailWith(words);

        _pool.Sh("stat -c %s vm1").MustSucceed().Should().Be("1048576");
    }

    [SkippableTheory]
    [InlineData("bs=4k oflag=direct")]
    [InlineData("bs=1M oflag=direct")]
    [InlineData("bs=1000")]
    [InlineData("bs=300000 seek=7 conv=notrunc")]
    public void What_is_written_is_read_again(string how)
    {
        _pool.Sh("truncate -s 32M vm1; head -c 3M /dev/urandom > ../data; truncate -s 32M ../expected").MustSucceed();

        _pool.Sh($"dd if=../data of=vm1 {how} conv=notrunc,fsync iflag=fullblock status=none").MustSucceed();
        _pool.Sh($"dd if=../data of=../expected {how.Replace("oflag=direct", "")} conv=notrunc iflag=fullblock status=none").MustSucceed();

        _pool.Sh("cmp vm1 ../expected").MustSucceed();
        _pool.Remount();
        _pool.Sh("cmp vm1 ../expected && dd if=vm1 iflag=direct bs=64k status=none | cmp - ../expected").MustSucceed();
    }

    [SkippableFact]
    public void A_write_past_the_end_extends_the_volume_to_a_whole_sector()
    {
        _pool.Sh("truncate -s 4096 vm1; printf hello | dd of=vm1 bs=1 seek=10000 conv=notrunc status=none").MustSucceed();

        _pool.Sh("stat -c %s vm1").MustSucceed().Should().Be("10240");
        _pool.Sh("tail -c 240 vm1 | head -c 5").MustSucceed().Should().Be("hello");
    }

    [SkippableFact]
    public void A_redirection_empties_a_volume_first()
    {
        _pool.Sh("head -c 1M /dev/urandom > vm1").MustSucceed();

        _pool.Sh("head -c 512 /dev/zero > vm1 && stat -c %s vm1").MustSucceed().Should().Be("512");
    }

    [SkippableFact]
    public void Du_and_df_show_what_is_used()
    {
        _pool.Sh("truncate -s 10G vm1; dd if=/dev/urandom of=vm1 bs=1M count=4 conv=notrunc status=none").MustSucceed();

        _pool.Sh("du -B1 vm1 | cut -f1").MustSucceed().Should().Be("4194304");
        _pool.Sh("du -B1 --apparent-size vm1 | cut -f1").MustSucceed().Should().Be("10737418240");
        _pool.Sh("df -B1 --output=size,used,avail . | tail -1 | tr -s ' '").MustSucceed().Trim()
            .Should().Be($"{ServedPool.DefaultPoolBytes} 4194304 {ServedPool.DefaultPoolBytes - 4194304}");
        _pool.Sh("df --output=source,fstype . | tail -1 | tr -s ' '").MustSucceed().Should().Be($"{_pool.PoolDirectory} fuse.thinfuse");
    }

    [SkippableFact]
    public void Mode_and_time_are_kept()
    {
        _pool.Sh("truncate -s 1M vm1 && chmod 600 vm1 && touch -d 2001-02-03T04:05:06Z vm1 && sync vm1").MustSucceed();

        _pool.Remount();

        _pool.Sh("stat -c '%a %Y' vm1").MustSucceed().Should().Be("600 981173106");
        _pool.Sh("chown 12345 vm1").MustFailWith("Operation not permitted");
    }

    private static string UserId() => Shell.Run("/", "id -u").MustSucceed();
}
