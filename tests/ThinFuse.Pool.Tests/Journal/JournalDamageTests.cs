using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Journaling;

public sealed class JournalDamageTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly Dictionary<long, byte[]> _appended = [];
    private readonly long _lastSequence;

    /// <summary>Some segments full of records, a commit every ten, two at the end; so all but the last commit was surely flushed.</summary>
    public JournalDamageTests()
    {
        Random random = new(3);
        using Journal journal = TestJournal.Create(_disk);
        for (int i = 0; i < 100; i++)
        {
            TestJournal.Append(journal, _appended, TestJournal.RandomPayload(random));
            if (i % 10 == 9 || i == 98)
            {
                journal.Commit(() => { });
            }
        }
        _lastSequence = journal.LastSequence;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_flipped_bit_in_what_was_surely_there_is_found(bool unsyncedSurvived)
    {
        Random random = new(4);
        foreach ((string path, int offset, long sequence, int recordBytes) in Records())
        {
            SimulatedDisk damaged = _disk.AfterKill(_disk.IoCount);
            Damage(damaged, path, bytes => bytes[offset + random.Next(recordBytes)] ^= (byte)(1 << random.Next(8)));
            if (sequence <= _lastSequence - 3)
            {
                FluentActions.Invoking(() => TestJournal.Scan(damaged, _appended, 1, unsyncedSurvived, $"record {sequence}"))
                    .Should().Throw<InvalidDataException>($"record {sequence} is damaged")
                    .WithMessage($"*{path} offset {offset}: record {sequence} *");
            }
        }
    }

    [Fact]
    public void A_segment_that_is_gone_or_has_lost_its_header_is_missed()
    {
        string[] started = [.. TestJournal.Segments(_disk).Where(name => Started(_disk, name))];
        started.Length.Should().BeGreaterThan(3);
        foreach (string name in started[..^1])
        {
            foreach (bool unsyncedSurvived in new[] { false, true })
            {
                SimulatedDisk gone = _disk.AfterKill(_disk.IoCount);
                gone.Delete(Path.Combine(TestJournal.Folder, name));
                FluentActions.Invoking(() => TestJournal.Scan(gone, _appended, 1, unsyncedSurvived, name))
                    .Should().Throw<InvalidDataException>(name);
                SimulatedDisk headless = _disk.AfterKill(_disk.IoCount);
                Damage(headless, name, bytes => bytes[20] ^= 1);
                FluentActions.Invoking(() => TestJournal.Scan(headless, _appended, 1, unsyncedSurvived, name))
                    .Should().Throw<InvalidDataException>(name);
            }
        }
    }

    [Fact]
    public void Another_pool_another_generation_and_an_empty_directory_are_refused_in_one_line()
    {
        JournalVisitor none = (_, _, _) => throw new InvalidOperationException("there is nothing to visit");
        foreach (Action scan in new Action[]
        {
            () => JournalScan.Run(_disk, TestJournal.Folder, Guid.NewGuid(), 1, 1, true, none),
            () => JournalScan.Run(_disk, TestJournal.Folder, TestJournal.PoolId, 2, 1, true, none),
            () => JournalScan.Run(new SimulatedDisk(), TestJournal.Folder, TestJournal.PoolId, 1, 1, true, none),
        })
        {
            scan.Should().Throw<InvalidDataException>().Which.Message.Should().Contain("missing").And.NotContain("\n");
        }
    }

    [Fact]
    public void A_newer_format_version_is_named()
    {
        string name = TestJournal.Segments(_disk).First();
        Damage(_disk, name, bytes =>
        {
            bytes[8] = 2;
            uint checksum = Crc32C.Finish(Crc32C.Append(Crc32C.Start, bytes.AsSpan(0, 60)));
            BitConverter.GetBytes(checksum).CopyTo(bytes, 60);
        });
        FluentActions.Invoking(() => TestJournal.Scan(_disk, _appended, 1, true, name))
            .Should().Throw<InvalidDataException>().WithMessage("*version 2*");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Garbage_of_any_kind_gives_an_error_or_a_true_prefix(int seed)
    {
        Random random = new(seed);
        int refused = 0;
        for (int round = 0; round < 400; round++)
        {
            SimulatedDisk damaged = _disk.AfterKill(_disk.IoCount);
            string[] names = [.. TestJournal.Segments(damaged)];
            string name = names[random.Next(names.Length)];
            switch (random.Next(6))
            {
                case 0:
                    Damage(damaged, name, bytes => bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)));
                    break;
                case 1:
                    int start = random.Next(4096);
                    Damage(damaged, name, bytes => random.NextBytes(bytes.AsSpan(start, random.Next(bytes.Length - start))));
                    break;
                case 2:
                    Open(damaged, name).SetLength(random.Next(4096));
                    break;
                case 3:
                    byte[] tail = new byte[random.Next(20_000)];
                    random.NextBytes(tail);
                    Open(damaged, name).Write(4096, tail);
                    break;
                case 4:
                    string other = names[random.Next(names.Length)];
                    damaged.Rename(Path.Combine(TestJournal.Folder, name), "aside");
                    if (other != name)
                    {
                        damaged.Rename(Path.Combine(TestJournal.Folder, other), Path.Combine(TestJournal.Folder, name));
                    }
                    damaged.Rename("aside", Path.Combine(TestJournal.Folder, other));
                    break;
                default:
                    // Whole sectors of one segment in another: every checksum holds, and nothing is where it belongs.
                    byte[] sector = new byte[512 * random.Next(1, 4)];
                    Open(damaged, names[random.Next(names.Length)]).Read(512 * random.Next(5), sector);
                    Open(damaged, name).Write(512 * random.Next(5), sector);
                    break;
            }
            try
            {
                TestJournal.Scan(damaged, _appended, 1 + random.Next(20), random.Next(2) == 0, $"seed {seed}, round {round}");
            }
            catch (InvalidDataException exception)
            {
                exception.Message.Should().NotContain("\n");
                refused++;
            }
        }
        refused.Should().BeInRange(50, 399, $"seed {seed}: most damage is seen, and some does no harm");
    }

    [Fact]
    public void An_error_of_the_storage_is_no_end_of_the_journal()
    {
        _disk.Inject(new SimulatedFault("*/segment-*", SimulatedIoKind.Read, Errno.EIO) { Skip = 6 });
        TestJournal.Errno_of(() => TestJournal.Scan(_disk, _appended, 1, true, "read error")).Should().Be(Errno.EIO);
    }

    private static bool Started(SimulatedDisk disk, string name)
    {
        SegmentName.TryParse(name, out SegmentName parsed).Should().BeTrue();
        return SegmentImage.ReadHeader(disk, Path.Combine(TestJournal.Folder, name), TestJournal.PoolId, parsed) is not null;
    }

    private static IStorageFile Open(SimulatedDisk disk, string name) =>
        disk.Open(Path.Combine(TestJournal.Folder, name), StorageOpenMode.ReadWrite, StorageCaching.Cached);

    private static void Damage(SimulatedDisk disk, string name, Action<byte[]> change)
    {
        using IStorageFile file = Open(disk, Path.GetFileName(name));
        byte[] bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        change(bytes);
        file.Write(0, bytes);
    }

    /// <summary>Every record on the disk: where it is, and how many bytes of it a checksum protects.</summary>
    private List<(string Path, int Offset, long Sequence, int ProtectedBytes)> Records()
    {
        RecordCodec codec = new(TestJournal.PoolId, 1);
        List<(string, int, long, int)> records = [];
        foreach (string name in TestJournal.Segments(_disk).Where(name => Started(_disk, name)))
        {
            string path = Path.Combine(TestJournal.Folder, name);
            using SegmentImage image = SegmentImage.Load(_disk, path, TestJournal.Options.SegmentBytes);
            int offset = SegmentHeader.SizeBytes;
            while (codec.TryRead(image.From(offset), out JournalRecord record))
            {
                records.Add((path, offset, record.Sequence, 17 + record.Payload.Length));
                offset += record.SizeBytes;
            }
        }
        records.Count.Should().Be((int)_lastSequence);
        return records;
    }
}
