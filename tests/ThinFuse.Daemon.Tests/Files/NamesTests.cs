using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Files;

[Collection(MountCollection.Name)]
public sealed class NamesTests : IDisposable
{
    /// <summary>What mv makes of EINVAL.</summary>
    private const string MoveRefused = "to a subdirectory of itself";

    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public void Ls_shows_volumes_and_hides_the_status_tree()
    {
        _pool.Sh("truncate -s 1M b a").MustSucceed();

        _pool.Sh("ls").MustSucceed().Should().Be("a\nb");
        _pool.Sh("ls -a").MustSucceed().Should().Be(".\n..\n.thinfuse\na\nb");
        _pool.Sh("ls -l | tail -n +2 | cut -c1-10").MustSucceed().Should().Be("-rw-r--r--\n-rw-r--r--");
    }

    [SkippableFact]
    public void A_long_directory_is_listed_whole_and_once()
    {
        _pool.Sh("for i in $(seq 1000 1399); do echo volume-with-a-long-name-$i; done | xargs truncate -s 1M").MustSucceed();

        _pool.Sh("ls | sort | uniq | wc -l; ls -l | grep -c volume").MustSucceed().Should().Be("400\n400");
    }

    [SkippableTheory]
    [InlineData("truncate -s 1M .hidden", "Invalid argument")]
    [InlineData("truncate -s 1M 'a b'", "Invalid argument")]
    [InlineData("truncate -s 1M vm1@monday", "Invalid argument")]
    [InlineData("truncate -s 1M $(printf 'a%.0s' $(seq 129))", "File name too long")]
    [InlineData("mkdir d", "Operation not permitted")]
    [InlineData("ln -s vm1 link", "Operation not permitted")]
    [InlineData("ln vm1 link", "Operation not permitted")]
    [InlineData("mkfifo fifo", "Operation not permitted")]
    [InlineData("truncate -s 1M .thinfuse/x", "Operation not permitted")]
    [InlineData("rm .thinfuse/metrics", "Operation not permitted")]
    [InlineData("rm missing", "No such file or directory")]
    [InlineData("mv vm1 vm1@monday", MoveRefused)]
    [InlineData("mv -T vm1 .thinfuse/pool/x", "Operation not permitted")]
    public void What_cannot_be_is_refused_with_the_right_error(string command, string words)
    {
        _pool.Sh("truncate -s 1M vm1").MustSucceed();

        _pool.Sh(command).MustFailWith(words);

        _pool.Sh("ls").MustSucceed().Should().Be("vm1");
    }

    [SkippableFact]
    public void The_longest_names_work()
    {
        string name = new('a', 128);
        _pool.Sh($"truncate -s 1M {name}").MustSucceed();
        _pool.Control.CreateSnapshotsAsync(new SnapshotCreateRequest([name], name)).GetAwaiter().GetResult();

        _pool.Sh("ls | awk '{print length}'").MustSucceed().Should().Be("128\n257");
        _pool.Sh($"stat -c %s {name}@{name}").MustSucceed().Should().Be("1048576");
    }

    [SkippableFact]
    public void Rename_keeps_inode_and_content_and_never_replaces()
    {
        _pool.Sh("truncate -s 1M vm1 other && printf content | dd of=vm1 conv=notrunc status=none").MustSucceed();
        string inode = _pool.Sh("stat -c %i vm1").MustSucceed();

        _pool.Sh("mv vm1 vm2 && stat -c %i vm2").MustSucceed().Should().Be(inode);

        _pool.Sh("head -c 7 vm2").MustSucceed().Should().Be("content");
        SystemCalls.Rename(_pool["vm2"], _pool["other"], 0).Should().Be(-SystemCalls.EEXIST);
        SystemCalls.Rename(_pool["vm2"], _pool["other"], SystemCalls.RenameNoReplace).Should().Be(-SystemCalls.EEXIST);
        SystemCalls.Rename(_pool["vm2"], _pool["other"], SystemCalls.RenameExchange).Should().Be(-SystemCalls.EINVAL);
        SystemCalls.Rename(_pool["vm2"], _pool["vm3"], SystemCalls.RenameNoReplace).Should().Be(0);
        _pool.Sh("mv -n vm3 other; ls").MustSucceed().Should().Be("other\nvm3");
    }

    [SkippableFact]
    public void A_deleted_file_lives_until_it_is_closed()
    {
        long freeBefore = FreeBytes();
        using (FileStream file = new(_pool["vm1"], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
        {
            file.Write(new byte[1 << 20].Select(_ => (byte)7).ToArray());
            _pool.Sh("rm vm1; ls").MustSucceed().Should().BeEmpty();

            file.Position = 4096;
            file.ReadByte().Should().Be(7);
            file.WriteByte(8);
            file.Position = 4097;
            file.ReadByte().Should().Be(8);
            string descriptor = $"/proc/{Environment.ProcessId}/fd/{file.SafeFileHandle.DangerousGetHandle()}";
            _pool.Sh($"stat -L -c '%h %s' {descriptor}").MustSucceed().Should().Be("0 1048576");
            FreeBytes().Should().BeLessThan(freeBefore);
        }

        SpaceComesBack(freeBefore).Should().BeTrue();
    }

    private long FreeBytes() => _pool.Control.GetPoolStatusAsync().GetAwaiter().GetResult().FreeBytes;

    /// <summary>Space comes back in the background; each fsync of another volume lets it go on.</summary>
    private bool SpaceComesBack(long freeBytes)
    {
        _pool.Sh("truncate -s 4096 other").MustSucceed();
        return SpinWait.SpinUntil(
            () =>
            {
                _pool.Sh("sync other").MustSucceed();
                return FreeBytes() == freeBytes;
            },
            TimeSpan.FromSeconds(20));
    }
}
