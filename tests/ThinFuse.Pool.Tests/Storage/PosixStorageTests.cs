using System.Runtime.Versioning;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Memory;

namespace ThinFuse.Pool.Tests.Storage;

public sealed class PosixStorageTests : IDisposable
{
    private const string Shm = "/dev/shm";
    private readonly TemporaryDirectory _directory = new();
    private readonly PosixStorage _storage;

    public PosixStorageTests() => _storage = new PosixStorage(_directory.FullPath);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_written_is_read_and_past_the_end_reads_as_zero()
    {
        using IStorageFile file = _storage.Open("a", StorageOpenMode.CreateNew, StorageCaching.Cached);
        file.Write(10, "hello"u8);
        byte[] bytes = [.. Enumerable.Repeat((byte)0xFF, 32)];
        file.Read(8, bytes);
        bytes.Should().Equal([0, 0, .. "hello"u8, .. new byte[25]]);
        file.LengthBytes.Should().Be(15);
        file.AlignmentBytes.Should().Be(1);
        file.IsBlockDevice.Should().BeFalse();
        file.Descriptor.Should().BePositive();
        file.Path.Should().Be(Path.Combine(_directory.FullPath, "a"));
    }

    [Theory]
    [InlineData("/var/tmp")]
    [InlineData(Shm)]
    public void Direct_files_work_on_every_filesystem_and_read_zero_past_an_unaligned_end(string parent)
    {
        using TemporaryDirectory directory = new(parent);
        PosixStorage storage = new(directory.FullPath);
        using IStorageFile file = storage.Open("d", StorageOpenMode.CreateNew, StorageCaching.Direct);
        file.AlignmentBytes.Should().BeInRange(1, 65536);
        using AlignedBuffer buffer = new(131072);
        new Random(1).NextBytes(buffer.Span);
        byte[] expected = buffer.Span.ToArray();
        file.Write(0, buffer.Span);
        file.SetLength(70_001);
        file.Flush();
        buffer.Span.Fill(0xEE);
        file.Read(0, buffer.Span);
        buffer.Span.SequenceEqual([.. expected.AsSpan(0, 70_001), .. new byte[131072 - 70_001]]).Should().BeTrue();
    }

    [Fact]
    public void Errors_carry_the_errno_and_the_path()
    {
        Errno_of(() => _storage.Open("missing", StorageOpenMode.ReadWrite, StorageCaching.Cached)).Should().Be(Errno.ENOENT);
        _storage.Open("there", StorageOpenMode.CreateNew, StorageCaching.Cached).Dispose();
        Errno_of(() => _storage.Open("there", StorageOpenMode.CreateNew, StorageCaching.Direct)).Should().Be(Errno.EEXIST);
        Errno_of(() => _storage.Open(".", StorageOpenMode.Read, StorageCaching.Cached)).Should().Be(Errno.EISDIR);
        Errno_of(() => _storage.Rename("missing", "x")).Should().Be(Errno.ENOENT);
        Errno_of(() => _storage.SyncDirectory("missing")).Should().Be(Errno.ENOENT);
        Errno_of(() => _storage.CreateDirectory("there")).Should().Be(Errno.EEXIST);
        Errno_of(() => _storage.CreateDirectory("there/below")).Should().Be(Errno.ENOTDIR);
        Errno_of(() => _storage.List("there")).Should().Be(Errno.ENOTDIR);
        using IStorageFile readOnly = _storage.Open("there", StorageOpenMode.Read, StorageCaching.Cached);
        Errno_of(() => readOnly.Write(0, "x"u8)).Should().Be(Errno.EBADF);
        using IStorageFile full = _storage.Open("/dev/full", StorageOpenMode.ReadWrite, StorageCaching.Cached);
        Action write = () => full.Write(0, "x"u8);
        write.Should().Throw<StorageException>().Which.Should().Match<StorageException>(e =>
            e.ErrorNumber == Errno.ENOSPC && e.StoragePath == "/dev/full" && e.Operation == "write" && e.Message.Contains("errno 28"));
    }

    [Fact]
    public void A_failed_flush_fails_again()
    {
        using IStorageFile file = _storage.Open("/dev/null", StorageOpenMode.ReadWrite, StorageCaching.Cached);
        Errno_of(file.Flush).Should().Be(Errno.EINVAL);
        Errno_of(file.Flush).Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Names_are_created_listed_renamed_and_deleted()
    {
        _storage.List("sub").Should().BeEmpty();
        _storage.CreateDirectory("sub/deep/er");
        _storage.CreateDirectory("sub/deep/er");
        using (IStorageFile file = _storage.Open("sub/one", StorageOpenMode.CreateNew, StorageCaching.Cached))
        {
            file.Write(0, "1"u8);
        }
        _storage.Open("sub/two", StorageOpenMode.CreateNew, StorageCaching.Cached).Dispose();
        _storage.List("sub").Should().BeEquivalentTo("one", "two", "deep");
        _storage.Rename("sub/one", "sub/two");
        _storage.SyncDirectory("sub");
        _storage.List("sub").Should().BeEquivalentTo("two", "deep");
        _storage.Exists("sub/one").Should().BeFalse();
        _storage.Exists("sub/two").Should().BeTrue();
        _storage.Exists("sub/two/below").Should().BeFalse();
        _storage.Delete("sub/two");
        _storage.Delete("sub/two");
        _storage.List("sub").Should().Equal("deep");
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Files_and_directories_are_private()
    {
        _storage.CreateDirectory("private");
        using IStorageFile file = _storage.Open("private/file", StorageOpenMode.CreateNew, StorageCaching.Cached);
        File.GetUnixFileMode(file.Path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.GetDirectoryName(file.Path)!)
            .Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void Allocate_grows_and_punch_gives_back_and_keeps_the_length()
    {
        using IStorageFile file = _storage.Open("p", StorageOpenMode.CreateNew, StorageCaching.Cached);
        file.Allocate(0, 1 << 20);
        file.LengthBytes.Should().Be(1 << 20);
        file.Write(0, new byte[] { 1, 2, 3 });
        file.Punch(0, 4096);
        byte[] bytes = [9, 9, 9];
        file.Read(0, bytes);
        bytes.Should().Equal(0, 0, 0);
        file.LengthBytes.Should().Be(1 << 20);
    }

    [Fact]
    public void Allocating_written_space_grows_the_file_and_zeroes_the_range_only()
    {
        const int LengthBytes = (2 << 20) + 4096;
        using IStorageFile file = _storage.Open("w", StorageOpenMode.CreateNew, StorageCaching.Cached);
        byte[] garbage = Enumerable.Repeat((byte)7, 8192).ToArray();
        file.Write(0, garbage);

        file.AllocateWritten(4096, LengthBytes);

        file.LengthBytes.Should().Be(4096 + LengthBytes);
        byte[] bytes = new byte[8192];
        file.Read(0, bytes);
        bytes[..4096].Should().AllBeEquivalentTo((byte)7);
        bytes[4096..].Should().AllBeEquivalentTo((byte)0);
    }

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        using IStorageFile file = _storage.Open("n", StorageOpenMode.CreateNew, StorageCaching.Cached);
        byte[] bytes = new byte[4096];
        Allocations.LeastBytesOf(Exercise).Should().Be(0);

        void Exercise()
        {
            for (int i = 0; i < 100; i++)
            {
                file.Write(i, bytes);
                file.Read(i, bytes);
                file.Punch(0, 4096);
                file.Flush();
            }
        }
    }

    [Fact]
    public void A_closed_file_refuses_work()
    {
        IStorageFile file = _storage.Open("c", StorageOpenMode.CreateNew, StorageCaching.Cached);
        file.Dispose();
        file.Invoking(f => f.Write(0, "x"u8)).Should().Throw<ObjectDisposedException>();
    }

    [SkippableFact]
    public void A_block_device_has_its_own_length_and_is_punched_by_discard()
    {
        using LoopDevice loop = LoopDevice.Create(Path.Combine(_directory.FullPath, "image"), 1 << 20);
        using IStorageFile file = _storage.Open(loop.DevicePath, StorageOpenMode.ReadWrite, StorageCaching.Direct);
        file.IsBlockDevice.Should().BeTrue();
        file.LengthBytes.Should().Be(1 << 20);
        file.AlignmentBytes.Should().BeInRange(512, 4096);
        using AlignedBuffer buffer = new(4096);
        buffer.Span.Fill(7);
        file.Write(4096, buffer.Span);
        buffer.Span.Clear();
        file.Read(4096, buffer.Span);
        buffer.Span.ToArray().Should().OnlyContain(b => b == 7);
        file.Allocate(0, 1 << 30);
        file.Flush();
        file.Punch(4096, 4096);
        file.Read(4096, buffer.Span);
        buffer.Span.ToArray().Should().OnlyContain(b => b == 0);
        Action past = () => WritePast(file);
        past.Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.ENOSPC);
    }

    private static void WritePast(IStorageFile file)
    {
        using AlignedBuffer buffer = new(4096);
        file.Write(file.LengthBytes, buffer.Span);
    }

    private static int Errno_of(Action action) => action.Should().Throw<StorageException>().Which.ErrorNumber;
}
