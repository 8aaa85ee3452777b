using BenchmarkDotNet.Attributes;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Benchmarks.Micro;

/// <summary>Appending a record to the journal, which is what a first write waits for, and the commit that an fsync waits for.</summary>
public class JournalBenchmarks
{
    private const long ReleaseEveryBytes = 64 << 20;

    private readonly byte[] _oneException = new byte[EntryWriter.ExceptionEntryBytes];
    private readonly byte[] _oneMebibyte = new byte[EntryWriter.ExceptionEntryBytes * 16];
    private string _home = "";
    private Journal _journal = null!;

    [GlobalSetup]
    public void Setup()
    {
        _home = Directory.CreateTempSubdirectory("thinfuse-micro-").FullName;
        PosixStorage storage = new(_home);
        storage.CreateDirectory("journal");
        _journal = Journal.Create(storage, "journal", Guid.NewGuid(), generation: 1, firstSequence: 1, new JournalOptions());
    }

    [Benchmark]
    public long Append_of_one_chunk() => Append(_oneException);

    [Benchmark]
    public long Append_of_a_mebibyte_of_chunks() => Append(_oneMebibyte);

    [Benchmark]
    public void Commit_of_one_chunk()
    {
        Append(_oneException);
        _journal.Commit(static () => { });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _journal.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    private long Append(byte[] payload)
    {
        long sequence = _journal.Append(RecordKind.Entries, payload);
        if (_journal.BytesSinceRelease > ReleaseEveryBytes)
        {
            // What a checkpoint does for it.
            _journal.Commit(static () => { });
            _journal.ReleaseBefore(sequence);
        }

        return sequence;
    }
}
