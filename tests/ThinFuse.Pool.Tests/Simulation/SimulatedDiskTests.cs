using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Simulation;

public sealed class SimulatedDiskTests
{
    private const int Seeds = 64;
    private readonly SimulatedDisk _disk = new();

    [Fact]
    public void A_kill_keeps_every_write_before_it_and_the_torn_prefix_of_the_next()
    {
        using IStorageFile file = Create("f");
        int before = _disk.IoCount;
        file.Write(0, "abcd"u8);
        file.Write(2, "WXYZ"u8);
        ReadAll(_disk.AfterKill(before), "f").Should().BeEmpty();
        ReadAll(_disk.AfterKill(before + 1), "f").Should().Be("abcd");
        ReadAll(_disk.AfterKill(before + 1, tornBytes: 3), "f").Should().Be("abWXY");
        ReadAll(_disk.AfterKill(before + 2), "f").Should().Be("abWXYZ");
        _disk.AfterKill(before).BootId.Should().Be(_disk.BootId);
    }

    [Fact]
    public void What_a_kill_left_unsynced_may_still_be_lost_to_a_power_cut()
    {
        using IStorageFile file = Create("f");
        _disk.SyncDirectory(".");
        file.Write(0, "x"u8);
        SimulatedDisk killed = _disk.AfterKill(_disk.IoCount);
        ReadAll(killed, "f").Should().Be("x");
        ReadAll(killed.AfterPowerCut(0, seed: 0), "f").Should().BeEmpty();
        ReadAll(killed.AfterPowerCut(0, seed: 1), "f").Should().Be("x");
    }

    [Fact]
    public void A_power_cut_keeps_what_was_flushed_under_a_synced_name_and_changes_the_boot_id()
    {
        using IStorageFile file = Create("f");
        file.Write(0, "safe"u8);
        file.Flush();
        int flushed = _disk.IoCount;
        _disk.SyncDirectory(".");
        file.Write(0, "lost"u8);
        for (int seed = 0; seed < Seeds; seed++)
        {
            SimulatedDisk cut = _disk.AfterPowerCut(_disk.IoCount, seed);
            cut.BootId.Should().NotBe(_disk.BootId);
            ReadAll(cut, "f").Should().BeOneOf(["safe", "lost"], $"seed {seed}");
        }
        Outcomes(seed => _disk.AfterPowerCut(flushed, seed).Exists("f")).Should().BeEquivalentTo([true, false]);
        Outcomes(seed => ReadAll(_disk.AfterPowerCut(_disk.IoCount, seed), "f")).Should().BeEquivalentTo("safe", "lost");
    }

    [Fact]
    public void Sectors_of_unsynced_writes_are_old_or_new_each_on_its_own_and_out_of_order()
    {
        using IStorageFile file = Create("f");
        file.Write(0, Sectors("aaaa"));
        file.Flush();
        _disk.SyncDirectory(".");
        file.Write(0, Sectors("bb"));
        file.Write(512, Sectors("cc"));
        HashSet<string> seen = Outcomes(seed => OfSectors(_disk.AfterPowerCut(_disk.IoCount, seed), "f"), 400);
        seen.Should().OnlyContain(text =>
            text.Length == 4 && "ab".Contains(text[0]) && "abc".Contains(text[1]) && "ac".Contains(text[2]) && text[3] == 'a');
        seen.Should().HaveCount(12, "every mix of versions is possible");
    }

    [Fact]
    public void A_sector_survives_with_all_that_the_cache_held_of_it()
    {
        using IStorageFile file = Create("f");
        _disk.SyncDirectory(".");
        file.Write(0, "first"u8);
        file.Write(5, "second"u8);
        HashSet<string> seen = Outcomes(seed => ReadAll(_disk.AfterPowerCut(_disk.IoCount, seed), "f").Trim('\0'), 400);
        seen.Should().BeEquivalentTo("", "first", "firstsecond");
    }

    [Fact]
    public void Lengths_names_and_directories_are_lost_or_not()
    {
        using IStorageFile file = Create("f");
        file.Write(0, "1"u8);
        file.Flush();
        _disk.SyncDirectory(".");
        file.SetLength(0);
        file.Allocate(0, 1000);
        Outcomes(seed => Length(_disk.AfterPowerCut(_disk.IoCount, seed), "f"), 400).Should().BeEquivalentTo([1L, 0L, 1000L]);

        _disk.Rename("f", "g");
        _disk.CreateDirectory("d");
        using IStorageFile inner = Create("d/inner");
        inner.Flush();
        _disk.SyncDirectory("d");
        int beforeSync = _disk.IoCount;
        HashSet<string> seen = Outcomes(seed => Names(_disk.AfterPowerCut(beforeSync, seed)), 400);
        seen.Should().BeEquivalentTo("f", "g", "d d/inner f", "d d/inner g");
        _disk.SyncDirectory(".");
        Outcomes(seed => Names(_disk.AfterPowerCut(_disk.IoCount, seed))).Should().BeEquivalentTo("d d/inner g");
        _disk.Delete("g");
        Outcomes(seed => Names(_disk.AfterPowerCut(_disk.IoCount, seed))).Should().BeEquivalentTo("d d/inner g", "d d/inner");
    }

    [Fact]
    public void What_is_cut_off_never_comes_back_when_the_file_grows()
    {
        using IStorageFile file = Create("f");
        _disk.SyncDirectory(".");
        file.Write(0, Sectors("abcdefghijklmnop"));
        file.SetLength(700);
        file.SetLength(9000);
        file.Flush();
        foreach (SimulatedDisk disk in new[] { _disk, _disk.AfterPowerCut(_disk.IoCount, 0) })
        {
            using IStorageFile after = disk.Open("f", StorageOpenMode.Read, StorageCaching.Cached);
            byte[] bytes = new byte[9000];
            after.Read(0, bytes);
            bytes.Should().Equal([.. Sectors("ab").AsSpan(0, 700), .. new byte[8300]]);
        }
    }

    [Fact]
    public async Task A_flush_covers_only_what_was_written_before_it_was_called()
    {
        using IStorageFile file = Create("f");
        _disk.SyncDirectory(".");
        file.Write(0, Sectors("a"));
        using SimulatedHold hold = _disk.Hold("*/f", SimulatedIoKind.Flush);
        Task flush = Task.Run(file.Flush);
        hold.WaitUntilReached();
        file.Write(512, Sectors("b"));
        hold.Release();
        await flush;
        OfSectors(_disk.AfterPowerCut(_disk.IoCount, seed: 0), "f").Should().Be("a");
        OfSectors(_disk.AfterPowerCut(_disk.IoCount, seed: 1), "f").Should().Be("ab");
    }

    [Fact]
    public void Faults_strike_the_nth_matching_io_once_or_for_good()
    {
        using IStorageFile file = Create("data.1");
        using IStorageFile other = Create("other");
        _disk.Inject(new SimulatedFault("*/data.*", SimulatedIoKind.Write, Errno.EIO) { Skip = 1, PartialBytes = 2 });
        file.Write(0, "1111"u8);
        other.Write(0, "1111"u8);
        Errno_of(() => file.Write(0, "2222"u8)).Should().Be(Errno.EIO);
        ReadAll(_disk, "data.1").Should().Be("2211");
        file.Write(0, "3333"u8);
        SimulatedFault sticky = _disk.Inject(
            new SimulatedFault("*", SimulatedIoKind.Read | SimulatedIoKind.Delete, Errno.EACCES) { IsSticky = true });
        Errno_of(() => file.Read(0, new byte[1])).Should().Be(Errno.EACCES);
        Errno_of(() => _disk.Delete("other")).Should().Be(Errno.EACCES);
        sticky.Hits.Should().Be(2);
        _disk.ClearFaults();
        ReadAll(_disk, "data.1").Should().Be("3333");
    }

    [Fact]
    public void A_failed_flush_stays_failed_and_makes_nothing_durable()
    {
        using IStorageFile file = Create("f");
        _disk.SyncDirectory(".");
        file.Write(0, "x"u8);
        _disk.Inject(new SimulatedFault("*", SimulatedIoKind.Flush, Errno.EIO));
        Errno_of(file.Flush).Should().Be(Errno.EIO);
        _disk.ClearFaults();
        Errno_of(file.Flush).Should().Be(Errno.EIO);
        ReadAll(_disk.AfterPowerCut(_disk.IoCount, seed: 0), "f").Should().BeEmpty();
    }

    [Fact]
    public void What_a_failed_flush_drops_is_seen_until_the_power_goes_and_later_writes_are_safe()
    {
        using IStorageFile file = Create("f");
        _disk.SyncDirectory(".");
        file.Write(0, "lost"u8);
        _disk.Inject(new SimulatedFault("*/f", SimulatedIoKind.Flush, Errno.EIO) { LosesUnflushed = true });
        FluentActions.Invoking(file.Flush).Should().Throw<StorageException>();
        ReadAll(_disk, "f").Should().Be("lost");
        _disk.ForgetFailedFlushes();
        file.Write(4, "kept"u8);
        file.Flush();

        ReadAll(_disk.AfterKill(_disk.IoCount), "f").Should().Be("lostkept");
        ReadAll(_disk.AfterPowerCut(_disk.IoCount, seed: 1), "f").Should().Be("\0\0\0\0kept");
    }

    [Fact]
    public void A_full_disk_refuses_what_grows_and_takes_what_is_allocated()
    {
        using IStorageFile file = Create("f");
        _disk.CapacityBytes = 4 * 4096;
        file.Allocate(0, 3 * 4096);
        file.Write(3 * 4096, new byte[4096]);
        Errno_of(() => file.Write(4 * 4096, new byte[1])).Should().Be(Errno.ENOSPC);
        Errno_of(() => file.Allocate(0, 5 * 4096)).Should().Be(Errno.ENOSPC);
        file.LengthBytes.Should().Be(4 * 4096);
        file.Write(0, new byte[4 * 4096]);
        file.Punch(0, 4096);
        file.Write(4 * 4096, new byte[1]);
        SimulatedDisk killed = _disk.AfterKill(_disk.IoCount);
        using IStorageFile again = killed.Open("f", StorageOpenMode.ReadWrite, StorageCaching.Cached);
        Errno_of(() => again.Write(0, new byte[1])).Should().Be(Errno.ENOSPC);
    }

    [Fact]
    public void Direct_files_insist_on_alignment()
    {
        SimulatedDisk disk = new() { DirectAlignmentBytes = 512 };
        using IStorageFile file = disk.Open("f", StorageOpenMode.CreateNew, StorageCaching.Direct);
        file.AlignmentBytes.Should().Be(512);
        AssertWrite(512, 0, 1024, isFine: true);
        AssertWrite(1, 0, 512, isFine: false);
        AssertWrite(0, 1, 512, isFine: false);
        AssertWrite(0, 0, 511, isFine: false);

        void AssertWrite(int offset, int inBuffer, int length, bool isFine)
        {
            using AlignedBuffer buffer = new(4096);
            bool wasFine = true;
            try
            {
                file.Write(offset, buffer.Span.Slice(inBuffer, length));
            }
            catch (ArgumentException)
            {
                wasFine = false;
            }
            wasFine.Should().Be(isFine);
        }
    }

    [Fact]
    public void Crash_states_match_a_replay_of_plain_arrays_at_every_io()
    {
        Random random = new(7);
        List<byte[]> history = [];
        using IStorageFile file = Create("f");
        int first = _disk.IoCount;
        byte[] model = [];
        history.Add(model);
        for (int step = 0; step < 200; step++)
        {
            byte[] data = new byte[random.Next(1, 9000)];
            random.NextBytes(data);
            int offset = random.Next(20_000);
            if (random.Next(4) == 0)
            {
                file.SetLength(offset);
                model = Resized(model, offset);
            }
            else
            {
                file.Write(offset, data);
                model = Resized(model, Math.Max(model.Length, offset + data.Length));
                data.CopyTo(model, offset);
            }
            history.Add(model);
        }
        for (int count = 0; count < history.Count; count++)
        {
            SimulatedDisk killed = _disk.AfterKill(first + count);
            using IStorageFile seen = killed.Open("f", StorageOpenMode.Read, StorageCaching.Cached);
            byte[] bytes = new byte[seen.LengthBytes];
            seen.Read(0, bytes);
            bytes.AsSpan().SequenceEqual(history[count]).Should().BeTrue($"after {count} changes");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_state()
    {
        using IStorageFile file = Create("f");
        _disk.SyncDirectory(".");
        new List<int>(Enumerable.Range(0, 100)).ForEach(i => file.Write(i * 300, Sectors("ab")));
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadAll(_disk.AfterPowerCut(80, seed), "f").Should().Be(ReadAll(_disk.AfterPowerCut(80, seed), "f"));
        }
    }

    [Fact]
    public void Four_thousand_crash_states_of_a_workload_of_several_files_keep_what_was_flushed()
    {
        IStorageFile[] files = [.. Enumerable.Range(0, 4).Select(i => Create($"f{i}"))];
        _disk.SyncDirectory(".");
        List<(int IoCount, int File, int Block)> flushed = [];
        for (int step = 0; step < 250; step++)
        {
            IStorageFile file = files[step % 4];
            file.Write(step * 4096L, Blocks(step));
            file.Write((step + 300) * 4096L, Blocks(step));
            file.Write((step + 600) * 4096L, Blocks(step));
            file.Flush();
            flushed.Add((_disk.IoCount, step % 4, step));
        }
        for (int count = 5; count <= _disk.IoCount; count++)
        {
            for (int seed = 0; seed < 4; seed++)
            {
                SimulatedDisk cut = _disk.AfterPowerCut(count, seed);
                (int ioCount, int fileNumber, int block) = flushed.FindLast(entry => entry.IoCount <= count);
                if (ioCount > 0)
                {
                    using IStorageFile file = cut.Open($"f{fileNumber}", StorageOpenMode.Read, StorageCaching.Cached);
                    byte[] bytes = new byte[4096];
                    file.Read((block + 600) * 4096L, bytes);
                    bytes.AsSpan().SequenceEqual(Blocks(block)).Should().BeTrue($"seed {seed}, {count} I/Os");
                }
            }
        }

        static byte[] Blocks(int step) => [.. Enumerable.Repeat((byte)(step + 1), 4096)];
    }

    private static byte[] Resized(byte[] bytes, int length)
    {
        byte[] copy = new byte[length];
        bytes.AsSpan(0, Math.Min(length, bytes.Length)).CopyTo(copy);
        return copy;
    }

    private static HashSet<T> Outcomes<T>(Func<int, T> ofSeed, int seeds = Seeds) => [.. Enumerable.Range(0, seeds).Select(ofSeed)];

    private static byte[] Sectors(string letters) => [.. letters.SelectMany(letter => Enumerable.Repeat((byte)letter, 512))];

    private static string OfSectors(SimulatedDisk disk, string path) =>
        string.Concat(ReadAll(disk, path).Chunk(512).Select(sector => sector.Distinct().Single()));

    private static string ReadAll(SimulatedDisk disk, string path)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        return System.Text.Encoding.Latin1.GetString(bytes);
    }

    private static long Length(SimulatedDisk disk, string path)
    {
        using IStorageFile file = disk.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        return file.LengthBytes;
    }

    private static string Names(SimulatedDisk disk) =>
        string.Join(' ', disk.List(".")
            .SelectMany(name => disk.List(name).Select(inner => name + "/" + inner).Append(name))
            .Order(StringComparer.Ordinal));

    private static int Errno_of(Action action) => action.Should().Throw<StorageException>().Which.ErrorNumber;

    private IStorageFile Create(string path) => _disk.Open(path, StorageOpenMode.CreateNew, StorageCaching.Cached);
}
