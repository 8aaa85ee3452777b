using BenchmarkDotNet.Attributes;
using ThinFuse.Benchmarks.FillTable;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Benchmarks.Micro;

/// <summary>The map step of reads and writes, and a whole write but for its data, on volumes of 64 GiB.</summary>
public class MapBenchmarks
{
    private const long VolumeBytes = 64L << 30;
    private const int BlockBytes = 4096;
    private const int LargeBytes = 1 << 20;
    private const int DeepSnapshots = 100;

    private readonly Random _random = new(1);
    private ScratchPool _scratch = null!;
    private VolumeHandle _full = null!;
    private VolumeHandle _deep = null!;
    private VolumeHandle _fresh = null!;
    private TableFiller _filler = null!;
    private TableFiller _freshFiller = null!;
    private ReadOperation _read = null!;
    private ReadOperation _deepRead = null!;
    private WriteOperation _write = null!;
    private WriteOperation _freshWrite = null!;
    private int _freshVolumes;
    private long _nextBytes;

    [GlobalSetup]
    public void Setup()
    {
        _scratch = new ScratchPool();
        _full = _scratch.Add("full", VolumeBytes, isMapped: true);
        _deep = _scratch.Add("deep", VolumeBytes, isMapped: true);
        for (int i = 0; i < DeepSnapshots; i++)
        {
            _scratch.Pool.CreateSnapshot("deep", $"deep@s{i}");
        }

        _filler = new TableFiller(_full);
        _read = _full.RentRead();
        _deepRead = _deep.RentRead();
        _write = _full.RentWrite();
        Renew();
    }

    [Benchmark]
    public int Map_of_a_4k_read()
    {
        int mapped = _full.MapRead(_read, RandomBlock(), BlockBytes);
        _read.Finish();
        return mapped;
    }

    [Benchmark]
    public int Map_of_a_4k_read_under_100_snapshots()
    {
        int mapped = _deep.MapRead(_deepRead, RandomBlock(), BlockBytes);
        _deepRead.Finish();
        return mapped;
    }

    [Benchmark]
    public int Map_of_a_1m_read()
    {
        int mapped = _full.MapRead(_read, RandomBlock() / LargeBytes * LargeBytes, LargeBytes);
        _read.Finish();
        return mapped;
    }

    [Benchmark]
    public void Overwrite_of_4k_but_for_its_data() => _filler.Publish(_write, RandomBlock(), BlockBytes);

    [Benchmark]
    public void First_write_of_4k_but_for_its_data()
    {
        if (_nextBytes == VolumeBytes)
        {
            Renew();
        }

        // A chunk of its own each time.
        _freshFiller.Publish(_freshWrite, _nextBytes, BlockBytes);
        _nextBytes += _scratch.Pool.Geometry.ChunkBytes;
    }

    [Benchmark]
    public void Snapshot_and_its_deletion()
    {
        string name = $"full@x{_freshVolumes++}";
        _scratch.Pool.CreateSnapshot("full", name);
        _scratch.Pool.Delete(name);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _full.Return(_read);
        _deep.Return(_deepRead);
        _full.Return(_write);
        _filler.Dispose();
        LetGoOfFresh();
        _full.Dispose();
        _deep.Dispose();
        _scratch.Dispose();
    }

    private long RandomBlock() => _random.NextInt64(VolumeBytes / BlockBytes) * BlockBytes;

    private void Renew()
    {
        LetGoOfFresh();
        _fresh = _scratch.Add($"fresh{_freshVolumes++}", VolumeBytes, isMapped: false);
        _freshFiller = new TableFiller(_fresh);
        _freshWrite = _fresh.RentWrite();
        _nextBytes = 0;
    }

    private void LetGoOfFresh()
    {
        if (_fresh is not null)
        {
            _fresh.Return(_freshWrite);
            _freshFiller.Dispose();
            string name = _fresh.Info.Name;
            _fresh.Dispose();
            _scratch.Pool.Delete(name);
        }
    }
}
