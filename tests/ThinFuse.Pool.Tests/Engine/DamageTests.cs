using System.Buffers.Binary;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>
/// What is on disk is not what was written there: every such pool is refused with one line that names the thing, or shows exactly what it held. Never another
/// exception, a hang, or wrong data.
/// </summary>
public sealed class DamageTests
{
    private const int Chunk = 16 << 10;
    private const int SlotBytes = 4096;
    private const ulong SuperblockMagic = 0x4C4F4F504E494854;
    private const string SuperblockFile = "superblock";
    private const string FirstNode = "nodes/n-0.data";

    private readonly SimulatedDisk _disk = new();
    private readonly ModelPool _model = new();

    /// <summary>Every content the pool had since its last checkpoint: what a journal that lost its last records may show.</summary>
    private readonly List<SortedDictionary<string, byte[]>> _history = [];

    [Fact]
    public void A_missing_superblock_is_no_pool()
    {
        Build(close: true);
        _disk.Delete(SuperblockFile);
        Refusal(_disk).Kind.Should().Be(PoolErrorKind.NotFound);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(SlotBytes * 2)]
    public void A_superblock_that_is_garbage_is_damage(int length)
    {
        Build(close: true);
        _disk.Delete(SuperblockFile);
        using (IStorageFile file = _disk.Open(SuperblockFile, StorageOpenMode.CreateNew, StorageCaching.Cached))
        {
            file.Write(0, TestPool.Pattern(1, length));
        }

        PoolException refusal = Refusal(_disk);
        refusal.Kind.Should().Be(PoolErrorKind.Damaged);
        refusal.Message.Should().Contain("superblock");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_damaged_superblock_slot_is_harmless_or_told(bool newest)
    {
        Build(close: true);
        byte[] slots = ReadFile(_disk, SuperblockFile);
        int newer = Generation(slots, 0) > Generation(slots, SlotBytes) ? 0 : SlotBytes;
        for (int at = 0; at < SlotBytes; at += 31)
        {
            SimulatedDisk disk = Copy();
            Flip(disk, SuperblockFile, (newest ? newer : SlotBytes - newer) + at);
            Exception? failure = TryOpen(disk, $"byte {at}", allowHistory: false);
            if (newest)
            {
                // The other slot names files that are gone since.
                failure.Should().BeOfType<PoolException>($"byte {at}").Which.Kind.Should().Be(PoolErrorKind.Damaged);
            }
            else
            {
                failure.Should().BeNull($"byte {at}");
            }
        }
    }

    [Fact]
    public void A_pool_of_a_newer_version_says_so()
    {
        Build(close: true);
        byte[] slots = ReadFile(_disk, SuperblockFile);
        using (IStorageFile file = _disk.Open(SuperblockFile, StorageOpenMode.ReadWrite, StorageCaching.Cached))
        {
            for (int slot = 0; slot < 2; slot++)
            {
                byte[] bytes = slots[(slot * SlotBytes)..((slot + 1) * SlotBytes)];
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 99);
                Checksum.Seal(bytes, SuperblockMagic);
                file.Write(slot * SlotBytes, bytes);
            }
        }

        PoolException refusal = Refusal(_disk);
        refusal.Kind.Should().Be(PoolErrorKind.Failed);
        refusal.Message.Should().Contain("newer");
    }

    [Fact]
    public void An_image_that_is_missing_cut_short_or_changed_is_damage_and_named()
    {
        Build(close: true);
        string image = _disk.List(".").Single(name => name.StartsWith("image-", StringComparison.Ordinal));
        long length = ReadFile(_disk, image).Length;
        MustBeDamaged(disk => disk.Delete(image), "missing");
        for (long cut = 0; cut < length; cut += 1 + (length / 20))
        {
            MustBeDamaged(disk => Truncate(disk, image, cut), $"cut to {cut}");
        }

        for (long at = 0; at < length; at += 1 + (length / 150))
        {
            MustBeDamaged(disk => Flip(disk, image, at), $"byte {at}");
        }

        void MustBeDamaged(Action<SimulatedDisk> damage, string what)
        {
            SimulatedDisk disk = Copy();
            damage(disk);
            PoolException refusal = Refusal(disk, what);
            refusal.Kind.Should().Be(PoolErrorKind.Damaged, what);
            refusal.Message.Should().Contain(image, what);
        }
    }

    [Fact]
    public void Damage_to_any_file_of_the_table_is_told_or_harmless()
    {
        Build(close: true);
        int told = 0;
        foreach (string name in _disk.List("table"))
        {
            string path = $"table/{name}";
            long length = ReadFile(_disk, path).Length;
            told += Told(disk => disk.Delete(path), $"{name} missing");
            foreach (long cut in (ReadOnlySpan<long>)[0, 1, length / 2, length - 1])
            {
                told += Told(disk => Truncate(disk, path, Math.Max(0, cut)), $"{name} cut to {cut}");
            }

            // The part that holds something, and the rest of the preallocated file more sparsely.
            byte[] bytes = ReadFile(_disk, path);
            int used = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            for (long at = 0; at < length; at += at < used ? 1 + (used / 60) : 1 + (length / 3))
            {
                told += Told(disk => Flip(disk, path, at), $"{name} byte {at}");
            }
        }

        told.Should().BePositive("the checkpoint in use is among them");

        int Told(Action<SimulatedDisk> damage, string what)
        {
            SimulatedDisk disk = Copy();
            damage(disk);
            return MustBeToldOrHarmless(disk, what, allowHistory: false) ? 1 : 0;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_to_any_file_of_the_journal_is_told_or_shows_a_state_there_was(bool powerCut)
    {
        Build(close: false);
        SimulatedDisk crashed = powerCut ? _disk.AfterPowerCut(_disk.IoCount, seed: 1) : Copy();
        int told = 0;
        foreach (string name in crashed.List("journal"))
        {
            string path = $"journal/{name}";
            told += Told(disk => disk.Delete(path), $"{name} missing");
            byte[] bytes = ReadFile(crashed, path);
            int used = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
            foreach (long cut in (ReadOnlySpan<long>)[0, 1, used / 3, used - 1])
            {
                told += Told(disk => Truncate(disk, path, Math.Max(0, cut)), $"{name} cut to {cut}");
            }

            for (int at = 0; at < used; at += 1 + (used / 300))
            {
                told += Told(disk => Flip(disk, path, at), $"{name} byte {at}");
            }
        }

        told.Should().BePositive("what stands before later records is surely missed");
        SimulatedDisk empty = crashed.AfterKill(crashed.IoCount);
        foreach (string name in empty.List("journal"))
        {
            empty.Delete($"journal/{name}");
        }

        PoolException refusal = Refusal(empty);
        refusal.Kind.Should().Be(PoolErrorKind.Damaged);
        refusal.Message.Should().Contain("journal");

        int Told(Action<SimulatedDisk> damage, string what)
        {
            SimulatedDisk disk = crashed.AfterKill(crashed.IoCount);
            damage(disk);
            return MustBeToldOrHarmless(disk, what, allowHistory: true) ? 1 : 0;
        }
    }

    [Fact]
    public void A_node_that_is_missing_or_cut_short_is_damage_and_named()
    {
        Build(close: true);
        long length = ReadFile(_disk, FirstNode).Length;
        MustNameTheNode(disk => disk.Delete(FirstNode), "missing");
        foreach (long cut in (ReadOnlySpan<long>)[0, 100, 4096, length / 2, length - 1])
        {
            MustNameTheNode(disk => Truncate(disk, FirstNode, cut), $"cut to {cut}");
        }
    }

    [Fact]
    public void A_node_with_a_blank_changed_or_foreign_label_is_damage_and_named()
    {
        Build(close: true);
        MustNameTheNode(disk => Overwrite(disk, FirstNode, 0, new byte[4096]), "blank");
        for (int at = 0; at < 4096; at += 13)
        {
            MustNameTheNode(disk => Flip(disk, FirstNode, at), $"byte {at}");
        }

        SimulatedDisk other = new();
        ThinPool.Create(other, EngineOptions.Pool(64 * Chunk, Chunk));
        byte[] label = ReadFile(other, FirstNode)[..4096];
        MustNameTheNode(disk => Overwrite(disk, FirstNode, 0, label), "foreign");
    }

    [Fact]
    public void Two_nodes_in_each_others_place_are_damage()
    {
        SimulatedDisk disk = new();
        ThinPool.Create(disk, EngineOptions.Pool(16 * Chunk, Chunk) with { NodePaths = ["/a", "/b"] });
        disk.Rename("/a", "/c");
        disk.Rename("/b", "/a");
        disk.Rename("/c", "/b");
        PoolException refusal = Refusal(disk);
        refusal.Kind.Should().Be(PoolErrorKind.Damaged);
        refusal.Message.Should().Contain("/a");
    }

    [Fact]
    public void Garbage_in_place_of_everything_is_told()
    {
        Build(close: false);
        string[] files =
        [
            .. _disk.List(".").Where(name => name.StartsWith("image-", StringComparison.Ordinal)),
            .. _disk.List("table").Select(name => $"table/{name}"),
            .. _disk.List("journal").Select(name => $"journal/{name}"),
        ];
        for (int seed = 0; seed < 20; seed++)
        {
            Random random = new(seed);
            SimulatedDisk disk = Copy();
            string path = files[random.Next(files.Length)];
            int length = (int)Math.Min(1 << 20, ReadFile(disk, path).Length);
            int from = random.Next(length);
            byte[] garbage = new byte[random.Next(1, Math.Min(5000, length - from + 1))];
            random.NextBytes(garbage);
            Overwrite(disk, path, from, garbage);
            MustBeToldOrHarmless(disk, $"seed {seed}: {path} {from}+{garbage.Length}", allowHistory: path.StartsWith("journal", StringComparison.Ordinal));
        }
    }

    /// <summary>A pool with a checkpoint, volumes, snapshots, and, unless closed, a journal with records that only it has.</summary>
    private void Build(bool close)
    {
        ThinPool.Create(_disk, EngineOptions.Pool(256 * Chunk, Chunk));
        ThinPool pool = ThinPool.Open(_disk, EngineOptions.Quiet);
        pool.CreateVolume("vm1", 80 * Chunk);
        _model.Files["vm1"] = new byte[80 * Chunk];
        pool.CreateVolume("vm2", 8 * Chunk);
        _model.Files["vm2"] = new byte[8 * Chunk];
        for (int i = 0; i < 30; i++)
        {
            Write("vm1", i * 2 * Chunk, i);
        }

        Snapshot("vm1@s");
        pool.Checkpoint();
        _history.Clear();
        _history.Add(_model.Freeze());

        // Each chunk once: what goes in place into an extent that is there already is no record's business.
        for (int i = 0; i < 8; i++)
        {
            Write("vm2", i * Chunk, 100 + i);
            if (i == 5)
            {
                pool.Commit();
            }
        }

        Snapshot("vm1@t");
        Write("vm1", 0, 200);
        Write("vm1", Chunk, 201);
        if (close)
        {
            pool.Dispose();
        }
        else
        {
            pool.Abandon();
        }

        void Write(string name, int offset, int seed)
        {
            using VolumeHandle handle = pool.Open(pool.Find(name)!.Id);
            byte[] data = TestPool.Pattern(seed, Chunk);
            handle.Write(offset, data);
            _model.Write(name, offset, data);
            _history.Add(_model.Freeze());
        }

        void Snapshot(string name)
        {
            pool.CreateSnapshot("vm1", name);
            _model.Files[name] = _model["vm1"];
            _history.Add(_model.Freeze());
        }
    }

    private SimulatedDisk Copy() => _disk.AfterKill(_disk.IoCount);

    private void MustNameTheNode(Action<SimulatedDisk> damage, string what)
    {
        SimulatedDisk disk = Copy();
        damage(disk);
        PoolException refusal = Refusal(disk, what);
        refusal.Kind.Should().Be(PoolErrorKind.Damaged, what);
        refusal.Message.Should().Contain("n-0").And.Contain(FirstNode, what);
    }

    private PoolException Refusal(SimulatedDisk disk, string what = "damaged") =>
        TryOpen(disk, what, allowHistory: false).Should().BeOfType<PoolException>(what).Which;

    /// <summary>Whether it was told.</summary>
    private bool MustBeToldOrHarmless(SimulatedDisk disk, string what, bool allowHistory)
    {
        Exception? failure = TryOpen(disk, what, allowHistory);
        if (failure is null)
        {
            return false;
        }

        // A block of the table that opening did not need is checked when it is read, which is then an I/O error.
        bool isTold = failure is PoolException { Kind: PoolErrorKind.Damaged } or StorageException { ErrorNumber: Errno.EIO };
        isTold.Should().BeTrue($"{what}: {failure}");
        return true;
    }

    /// <summary>Opens and reads everything; the error, or null when all content is right.</summary>
    private Exception? TryOpen(SimulatedDisk disk, string what, bool allowHistory)
    {
        ThinPool? pool = null;
        Exception? failure = BackgroundCall.Start("open a damaged pool", () => pool = ThinPool.Open(disk, EngineOptions.Quiet)).Join();
        if (failure is not null)
        {
            failure.Message.Should().NotBeNullOrWhiteSpace().And.NotContain("\n");
            return failure;
        }

        SortedDictionary<string, byte[]> actual = new(StringComparer.Ordinal);
        try
        {
            foreach (VolumeInfo info in pool!.Volumes(withExclusive: false))
            {
                actual[info.Name] = PoolContent.Read(pool, info.Name);
            }

            pool.Check().Problems.Should().BeEmpty();
        }
        catch (StorageException e)
        {
            return e;
        }
        finally
        {
            pool!.Abandon();
        }

        IEnumerable<SortedDictionary<string, byte[]>> allowed = allowHistory ? _history : [_model.Files];
        bool isRight = allowed.Any(state => state.Keys.SequenceEqual(actual.Keys) && state.All(pair => pair.Value.AsSpan().SequenceEqual(actual[pair.Key])));
        isRight.Should().BeTrue($"a pool that opens shows what it held: {what}");
        return null;
    }

    private static ulong Generation(byte[] slots, int at) => BinaryPrimitives.ReadUInt64LittleEndian(slots.AsSpan(at + 32));

    private static byte[] ReadFile(SimulatedDisk disk, string path)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        return bytes;
    }

    private static void Overwrite(SimulatedDisk disk, string path, long at, byte[] bytes)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.ReadWrite, StorageCaching.Cached);
        file.Write(at, bytes);
    }

    private static void Flip(SimulatedDisk disk, string path, long at)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.ReadWrite, StorageCaching.Cached);
        byte[] one = new byte[1];
        file.Read(at, one);
        one[0] ^= 0x55;
        file.Write(at, one);
    }

    private static void Truncate(SimulatedDisk disk, string path, long length)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.ReadWrite, StorageCaching.Cached);
        file.SetLength(length);
    }
}
