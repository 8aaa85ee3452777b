using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>What a mounted file system does, whatever way its requests travel.</summary>
[Collection(MountsCollection.Name)]
public abstract class MountTests(FuseSessionOptions transport) : IDisposable
{
    private readonly MountPoint _point = new();
    private readonly MemoryFileSystem _fileSystem = new();
    private readonly CapturingLogger _logger = new();

    public void Dispose()
    {
        _point.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableTheory]
    [InlineData(FuseMountMethod.SystemCall)]
    [InlineData(FuseMountMethod.Helper)]
    public void The_mount_table_shows_type_and_source(FuseMountMethod method)
    {
        using FuseMount mount = Mount(new FuseMountOptions { Source = "/pools/a,b", Method = method });

        Shell.Run("grep \" $1 \" /proc/mounts", _point.Path).Should()
            .StartWith($"/pools/a,b {_point.Path} fuse.thinfuse ").And.Contain("default_permissions").And.Contain("nosuid,nodev");
    }

    [SkippableTheory]
    [InlineData(FuseMountMethod.SystemCall)]
    [InlineData(FuseMountMethod.Helper)]
    public void A_file_lives_a_whole_life(FuseMountMethod method)
    {
        using FuseMount mount = Mount(new FuseMountOptions { Method = method });
        string file = _point.File1;
        File.WriteAllText(file, "hello");
        File.ReadAllText(file).Should().Be("hello");
        File.AppendAllText(file, " world");
        Shell.Run("cat \"$1\"", file).Should().Be("hello world");
        Shell.Run("stat -c '%s %F %u' \"$1\"", file).Should().Be("11 regular file 0");
        File.Move(file, file + "-renamed");
        Shell.Run("ls -a \"$1\"", _point.Path).Split('\n').Should().Equal(".", "..", "file1-renamed");
        Shell.Run("truncate -s 1M \"$1\" && stat -c '%s %b' \"$1\"", file + "-renamed").Should().Be("1048576 8");
        Shell.Run("chmod 640 \"$1\" && touch -d @1000 \"$1\" && stat -c '%a %Y' \"$1\"", file + "-renamed").Should().Be("640 1000");
        Shell.Run(": > \"$1\" && stat -c %s \"$1\"", file + "-renamed").Should().Be("0");
        File.Delete(file + "-renamed");
        Directory.GetFiles(_point.Path).Should().BeEmpty();
        _logger.Entries.Where(entry => entry.Level > LogLevel.Debug).Should().BeEmpty();
    }

    [SkippableFact]
    public void An_unlinked_file_lives_on_while_it_is_open()
    {
        using FuseMount mount = Mount();
        using FileStream file = File.Create(_point.File1);
        file.Write("kept"u8);
        file.Flush();
        File.Delete(_point.File1);

        byte[] content = new byte[4];
        RandomAccess.Read(file.SafeFileHandle, content, 0).Should().Be(4);
        Encoding.UTF8.GetString(content).Should().Be("kept");
    }

    [SkippableFact]
    public void Direct_io_arrives_in_pieces_of_one_mebibyte_and_unharmed()
    {
        using FuseMount mount = Mount();
        string source = Path.GetTempFileName();
        File.WriteAllBytes(source, Bytes.Pattern(9 << 20));
        Shell.Run("dd if=\"$1\" of=\"$2\" bs=3M oflag=direct status=none && dd if=\"$2\" bs=3M iflag=direct status=none | cmp - \"$1\"", source, _point.File1);
        File.Delete(source);

        _fileSystem.LargestWriteBytes.Should().Be(1 << 20);
        _fileSystem.LargestReadBytes.Should().Be(1 << 20);
    }

    [SkippableFact]
    public void A_direct_write_is_one_request_and_no_more()
    {
        using FuseMount mount = Mount();
        using SafeFileHandle file = File.OpenHandle(_point.File1, FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.Write(file, Bytes.Pattern(65536), 0);
        int before = _fileSystem.Counts.Values.Sum();
        for (int i = 0; i < 10; i++)
        {
            RandomAccess.Write(file, Bytes.Pattern(4096), i * 4096);
        }

        (_fileSystem.Counts.Values.Sum() - before).Should().Be(10);
    }

    [SkippableFact]
    public void Ranges_are_provisioned_punched_found_and_copied()
    {
        using FuseMount mount = Mount();
        string file = _point.File1;
        Shell.Run("fallocate -l 64K \"$1\" && stat -c %s \"$1\"", file).Should().Be("65536");
        File.WriteAllBytes(file, Bytes.Pattern(65536));
        Shell.Run("fallocate -p -o 16K -l 16K \"$1\" && fallocate -z -n -o 48K -l 8K \"$1\" && stat -c '%s %b' \"$1\"", file).Should().Be("65536 80");
        Shell.Run("fallocate -c -o 0 -l 4K \"$1\"; true", file).Should().Contain("not supported");
        using SafeFileHandle source = File.OpenHandle(file);
        using SafeFileHandle target = File.OpenHandle(file + "-copy", FileMode.CreateNew, FileAccess.ReadWrite);
        NativeFile.Seek(source, 0, NativeFile.SeekHole).Should().Be(16384);
        NativeFile.Seek(source, 16384, NativeFile.SeekData).Should().Be(32768);
        NativeFile.Seek(source, 56 * 1024, NativeFile.SeekHole).Should().Be(65536);
        NativeFile.Seek(source, 65536, NativeFile.SeekData).Should().Be(-FuseErrno.ENXIO);
        NativeFile.Seek(source, -1, NativeFile.SeekData).Should().Be(-FuseErrno.ENXIO);
        NativeFile.CopyRange(source, 4096, target, 0, 1 << 20).Should().Be(61440);
        File.ReadAllBytes(file + "-copy").Should().Equal(File.ReadAllBytes(file)[4096..]);
        (_fileSystem.Counts.GetValueOrDefault(FuseOpcode.CopyFileRange) + _fileSystem.Counts.GetValueOrDefault(FuseOpcode.CopyFileRange64))
            .Should().Be(1);
    }

    [SkippableFact]
    public void Extended_attributes_and_statistics_show_through_the_tools()
    {
        using FuseMount mount = Mount();
        File.WriteAllText(_point.File1, "x");
        string file = _point.File1;
        NativeFile.SetAttribute(file, "user.origin", "vm1"u8.ToArray()).Should().Be(0);
        NativeFile.SetAttribute(file, "user.big", Bytes.Pattern(60000)).Should().Be(0);
        byte[] value = new byte[65536];
        NativeFile.GetAttribute(file, "user.origin", value).Should().Be(3);
        NativeFile.GetAttribute(file, "user.big", value).Should().Be(60000);
        value[..60000].Should().Equal(Bytes.Pattern(60000));
        NativeFile.GetAttribute(file, "user.big", new byte[100]).Should().Be(-FuseErrno.ERANGE);
        NativeFile.GetAttribute(file, "user.big", []).Should().Be(60000);
        NativeFile.ListAttributes(file).Should().Equal("user.big", "user.origin");
        NativeFile.RemoveAttribute(file, "user.big").Should().Be(0);
        NativeFile.GetAttribute(file, "user.big", value).Should().Be(-FuseErrno.ENODATA);
        Shell.Run("stat -f -c '%S %b %f %l' \"$1\"", _point.Path).Should().Be("4096 1000 250 128");
        Shell.Run("sync \"$1\"", _point.File1);
        _fileSystem.Counts[FuseOpcode.Fsync].Should().Be(1);
    }

    [SkippableFact]
    public void What_is_refused_is_refused_with_the_right_errno()
    {
        using FuseMount mount = Mount();
        File.WriteAllText(_point.File1, "x");
        Shell.Try("mkdir \"$1/dir\"", _point.Path).Output.Should().Contain("Operation not permitted");
        Shell.Try("ln -s a \"$1/link\"", _point.Path).Output.Should().Contain("Operation not permitted");
        Shell.Try("cat \"$1/none\"", _point.Path).Output.Should().Contain("No such file");
        Shell.Try("truncate -s 1T \"$1\"", _point.File1).Output.Should().Contain("File too large");
    }

    [SkippableFact]
    public void Many_threads_write_and_read_their_own_places_at_once()
    {
        const int Threads = 8;
        const int Rounds = 60;
        using FuseMount mount = Mount();
        using (FileStream file = File.Create(_point.File1))
        {
            file.SetLength(Threads * 131072);
            Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
            {
                Random random = new(thread);
                byte[] written = new byte[131072];
                byte[] read = new byte[131072];
                for (int round = 0; round < Rounds; round++)
                {
                    int offset = random.Next(131072);
                    int length = random.Next(131072 - offset) + 1;
                    random.NextBytes(written.AsSpan(offset, length));
                    RandomAccess.Write(file.SafeFileHandle, written.AsSpan(offset, length), (thread * 131072) + offset);
                    RandomAccess.Read(file.SafeFileHandle, read, thread * 131072).Should().Be(131072);
                    read.AsSpan().SequenceEqual(written).Should().BeTrue("thread {0} round {1}", thread, round);
                }
            });
        }

        _logger.Entries.Where(entry => entry.Level > LogLevel.Debug).Should().BeEmpty();
    }

    [SkippableFact]
    public void A_signal_interrupts_a_waiting_reader()
    {
        using FuseMount mount = Mount();
        string file = Path.Combine(_point.Path, MemoryFileSystem.Waiting);
        File.WriteAllText(file, "x");
        using System.Diagnostics.Process reader = Shell.Start("cat", file);
        _fileSystem.Parked.Wait(FakeKernel.PatienceMs).Should().BeTrue();
        reader.Kill();

        reader.WaitForExit(FakeKernel.PatienceMs).Should().BeTrue("the file system answers EINTR");
    }

    [SkippableFact]
    public void Notifications_make_the_kernel_forget_what_it_trusts()
    {
        MemoryFileSystem fileSystem = new() { Validity = TimeSpan.FromHours(1) };
        using FuseMount mount = FuseMount.Mount(_point.Path, With(transport, new FuseMountOptions()), fileSystem, _logger);
        File.WriteAllText(_point.File1, "x");
        File.WriteAllText(_point.File1 + "-other", "x");
        Shell.Run("stat -c %s \"$1\" \"$1-other\"", _point.File1);
        ulong node = fileSystem.ResizeQuietly("file1", 4096);
        new FileInfo(_point.File1).Length.Should().Be(1, "the kernel trusts what it knows");
        mount.Session.Notifier.InvalidateInode(node).Should().BeTrue();
        new FileInfo(_point.File1).Length.Should().Be(4096);

        fileSystem.RemoveQuietly("file1");
        File.Exists(_point.File1).Should().BeTrue("the kernel trusts what it knows");
        mount.Session.Notifier.InvalidateEntry(1, "file1"u8).Should().BeTrue();
        File.Exists(_point.File1).Should().BeFalse();

        (ulong other, _) = fileSystem.RemoveQuietly("file1-other");
        mount.Session.Notifier.Delete(1, other, "file1-other"u8).Should().BeTrue();
        File.Exists(_point.File1 + "-other").Should().BeFalse();
        mount.Session.Notifier.InvalidateEntry(1, "never-seen"u8).Should().BeFalse();
        mount.Session.Notifier.InvalidateInode(987_654).Should().BeFalse();
    }

    [SkippableFact]
    public void The_kernel_agrees_on_the_features_that_a_volume_needs()
    {
        using FuseMount mount = Mount();
        FuseNegotiation negotiation = mount.Session.Negotiation;
        negotiation.KernelMinor.Should().BeGreaterThanOrEqualTo(FuseNegotiation.LowestMinor);
        negotiation.MaxWriteBytes.Should().Be(1 << 20);
        negotiation.Agreed.Should().HaveFlag(FuseInitFlags.AsyncRead | FuseInitFlags.AsyncDirectIo | FuseInitFlags.ParallelDirectoryOperations);
    }

    private FuseMount Mount(FuseMountOptions? options = null)
    {
        FuseMount mount = FuseMount.Mount(_point.Path, With(transport, options ?? new FuseMountOptions()), _fileSystem, _logger);
        mount.Session.Transport.Should().Be(transport.Transport);
        return mount;
    }

    private static FuseMountOptions With(FuseSessionOptions transport, FuseMountOptions options) =>
        options with { Session = options.Session with { Transport = transport.Transport, UsesRings = transport.UsesRings } };
}
