using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Storage;

public sealed class MemoryOverlayStorageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly PosixStorage _below;
    private readonly MemoryOverlayStorage _overlay;

    public MemoryOverlayStorageTests()
    {
        _below = new PosixStorage(_directory.FullPath);
        _overlay = new MemoryOverlayStorage(_below, _directory.FullPath);
    }

    public void Dispose()
    {
        _overlay.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_changes_read_back_like_a_plain_array_and_the_file_below_stays_as_it_was(int seed)
    {
        Random random = new(seed);
        byte[] original = new byte[50_000];
        random.NextBytes(original);
        File.WriteAllBytes(Path.Combine(_directory.FullPath, "f"), original);
        using IStorageFile file = _overlay.Open("f", StorageOpenMode.ReadWrite, StorageCaching.Direct);
        byte[] model = [.. original];
        for (int step = 0; step < 400; step++)
        {
            int offset = random.Next(60_000);
            byte[] bytes = new byte[random.Next(10_000)];
            switch (random.Next(5))
            {
                case 0 or 1:
                    random.NextBytes(bytes);
                    file.Write(offset, bytes);
                    Array.Resize(ref model, Math.Max(model.Length, offset + bytes.Length));
                    bytes.CopyTo(model, offset);
                    break;
                case 2:
                    file.SetLength(offset);
                    Array.Resize(ref model, offset);
                    break;
                case 3:
                    file.Punch(offset, bytes.Length);
                    model.AsSpan(Math.Min(offset, model.Length)..Math.Min(offset + bytes.Length, model.Length)).Clear();
                    break;
                default:
                    file.Read(offset, bytes);
                    byte[] expected = new byte[bytes.Length];
                    model.AsSpan(Math.Min(offset, model.Length)..Math.Min(offset + bytes.Length, model.Length)).CopyTo(expected);
                    bytes.AsSpan().SequenceEqual(expected).Should().BeTrue($"seed {seed}, step {step}");
                    break;
            }
            file.LengthBytes.Should().Be(model.Length, $"seed {seed}, step {step}");
        }
        File.ReadAllBytes(Path.Combine(_directory.FullPath, "f")).Should().Equal(original);
    }

    [Fact]
    public void Names_change_above_and_not_below()
    {
        File.WriteAllText(Path.Combine(_directory.FullPath, "old"), "old");
        File.WriteAllText(Path.Combine(_directory.FullPath, "gone"), "gone");
        _overlay.CreateDirectory("dir/sub");
        using (IStorageFile created = _overlay.Open("dir/new", StorageOpenMode.CreateNew, StorageCaching.Cached))
        {
            created.Write(0, "new"u8);
            created.Flush();
        }
        _overlay.Rename("old", Path.Combine(_directory.FullPath, "dir/moved"));
        _overlay.Delete("gone");
        _overlay.SyncDirectory("dir");

        _overlay.List(".").Should().BeEquivalentTo("dir");
        _overlay.List("dir").Should().BeEquivalentTo("new", "moved", "sub");
        _overlay.Exists("old").Should().BeFalse();
        _overlay.Exists("dir/sub").Should().BeTrue();
        using IStorageFile moved = _overlay.Open("dir/moved", StorageOpenMode.Read, StorageCaching.Cached);
        byte[] bytes = new byte[3];
        moved.Read(0, bytes);
        bytes.Should().Equal("old"u8.ToArray());
        _below.List(".").Should().BeEquivalentTo("old", "gone");
    }

    [Fact]
    public void Errors_are_those_of_a_filesystem()
    {
        File.WriteAllText(Path.Combine(_directory.FullPath, "there"), "x");
        Errno_of(() => _overlay.Open("missing", StorageOpenMode.Read, StorageCaching.Cached)).Should().Be(Errno.ENOENT);
        Errno_of(() => _overlay.Open("there", StorageOpenMode.CreateNew, StorageCaching.Cached)).Should().Be(Errno.EEXIST);
        Errno_of(() => _overlay.Open("no/where", StorageOpenMode.CreateNew, StorageCaching.Cached)).Should().Be(Errno.ENOENT);
        Errno_of(() => _overlay.Rename("missing", "x")).Should().Be(Errno.ENOENT);
        Errno_of(() => _overlay.SyncDirectory("missing")).Should().Be(Errno.ENOENT);
        using IStorageFile readOnly = _overlay.Open("there", StorageOpenMode.Read, StorageCaching.Cached);
        Errno_of(() => readOnly.Write(0, "y"u8)).Should().Be(Errno.EBADF);
    }

    private static int Errno_of(Action action) => action.Should().Throw<StorageException>().Which.ErrorNumber;
}
