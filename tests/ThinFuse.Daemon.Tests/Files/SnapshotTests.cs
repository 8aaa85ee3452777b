using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Files;

[Collection(MountCollection.Name)]
public sealed class SnapshotTests : IDisposable
{
    private readonly ServedPool _pool = new();

    public SnapshotTests()
    {
        _pool.Sh("umask 022; head -c 1M /dev/urandom > vm1; cp vm1 ../monday").MustSucceed();
        _pool.Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm1"], "monday")).GetAwaiter().GetResult();
        _pool.Sh("head -c 100k /dev/urandom | dd of=vm1 conv=notrunc status=none").MustSucceed();
    }

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public void A_snapshot_is_a_read_only_file_with_the_old_content()
    {
        _pool.Sh("cmp vm1@monday ../monday && stat -c '%a %s' vm1@monday").MustSucceed().Should().Be("444 1048576");
        _pool.Sh("cmp -s vm1 ../monday").ExitCode.Should().Be(1);
    }

    [SkippableTheory]
    [InlineData("600", "400")]
    [InlineData("640", "440")]
    [InlineData("755", "555")]
    [InlineData("200", "0")]
    public void A_snapshot_has_the_mode_of_its_volume_without_the_write_bits(string volumeMode, string snapshotMode)
    {
        _pool.Sh($"chmod {volumeMode} vm1").MustSucceed();
        _pool.Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm1"], "later")).GetAwaiter().GetResult();

        _pool.Sh("stat -c %a vm1@later vm1@monday").MustSucceed().Should().Be($"{snapshotMode}\n444");
        _pool.Remount();
        _pool.Sh("stat -c %a vm1@later").MustSucceed().Should().Be(snapshotMode);
    }

    [SkippableTheory]
    [InlineData("printf x | dd of=vm1@monday conv=notrunc")]
    [InlineData("truncate -s 2M vm1@monday")]
    [InlineData("chmod 600 vm1@monday")]
    [InlineData("touch vm1@monday")]
    [InlineData("setfattr -n user.x -v y vm1@monday")]
    [InlineData("fallocate -p -o 0 -l 4096 vm1@monday")]
    public void Whatever_would_change_a_snapshot_is_refused(string command)
    {
        Skip.If(command.StartsWith("setfattr", StringComparison.Ordinal) && !Shell.Has("setfattr"), "setfattr is not installed");

        _pool.Sh(command).MustFailWith("Read-only file system");

        _pool.Sh("cmp vm1@monday ../monday").MustSucceed();
    }

    [SkippableFact]
    public void A_snapshot_is_renamed_to_a_snapshot_s_name_only()
    {
        SystemCalls.Rename(_pool["vm1@monday"], _pool["monday"], 0).Should().Be(-SystemCalls.EINVAL);
        _pool.Sh("mv vm1@monday vm1@tuesday && cmp vm1@tuesday ../monday").MustSucceed();
    }

    [SkippableFact]
    public void A_snapshot_is_copied_to_a_volume_and_removed()
    {
        _pool.Sh("cp --sparse=never vm1@monday vm2 && rm -f vm1@monday && cmp vm2 ../monday && ls").MustSucceed().Should().Be("vm1\nvm2");
    }

    [SkippableFact]
    public void Extended_attributes_tell_kind_and_origin()
    {
        Skip.IfNot(Shell.Has("getfattr"), "getfattr is not installed");

        _pool.Sh("getfattr -d vm1@monday | grep -E 'kind|origin|reserved'").MustSucceed()
            .Should().Be("user.thinfuse.kind=\"snapshot\"\nuser.thinfuse.origin=\"vm1\"\nuser.thinfuse.reserved=\"0\"");
        _pool.Sh("getfattr -d vm1 | grep -c user.thinfuse").MustSucceed().Should().Be("6");
        _pool.Sh("getfattr -n user.other vm1").MustFailWith("No such attribute");
        _pool.Sh("setfattr -n user.thinfuse.kind -v x vm1").MustFailWith("not supported");
    }

    [SkippableFact]
    public async Task Snapshots_taken_while_many_write_each_hold_a_whole_moment()
    {
        // Each pass of a writer fills its volume with one letter; a snapshot between passes may hold two letters, but each write is whole.
        const int Writers = 4;
        const int Snapshots = 12;
        _pool.Sh($"for i in $(seq {Writers}); do truncate -s 256K w$i; done").MustSucceed();
        using CancellationTokenSource enough = new();
        string[] volumes = [.. Enumerable.Range(1, Writers).Select(i => $"w{i}")];
        Task<int>[] writers =
        [
            .. volumes.Select(name =>
                Task.Factory.StartNew(() => WriteLetters(_pool[name], enough.Token), TaskCreationOptions.LongRunning)),
        ];
        for (int i = 0; i < Snapshots; i++)
        {
            await _pool.Control.CreateSnapshotsAsync(new SnapshotCreateRequest(volumes, $"s{i}"));
        }

        await enough.CancelAsync();
        int[] passes = await Task.WhenAll(writers);

        passes.Should().OnlyContain(count => count > 0);
        foreach (string file in Directory.GetFiles(_pool.Mount, "w*@*"))
        {
            byte[] content = await File.ReadAllBytesAsync(file);
            content.Chunk(16 << 10).Should().OnlyContain(piece => piece.Distinct().Count() == 1, "{0} holds whole writes only", file);
        }
    }

    private static int WriteLetters(string path, CancellationToken enough)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        byte[] data = new byte[16 << 10];
        int passes = 0;
        while (!enough.IsCancellationRequested)
        {
            data.AsSpan().Fill((byte)('a' + (passes % 26)));
            for (int offset = 0; offset < 256 << 10; offset += data.Length)
            {
                file.Position = offset;
                file.Write(data);
            }

            passes++;
        }

        return passes;
    }
}
