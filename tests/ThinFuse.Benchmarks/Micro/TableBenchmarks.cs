using BenchmarkDotNet.Attributes;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Benchmarks.Micro;

/// <summary>The exception table with a million chunks, all of it in memory.</summary>
public class TableBenchmarks
{
    private const uint Layer = 1;
    private const int Chunks = 1 << 20;
    private const ushort AllBlocks = ushort.MaxValue;

    private readonly Random _random = new(1);
    private string _home = "";
    private FasterExceptionTable _table = null!;

    [GlobalSetup]
    public void Setup()
    {
        _home = Directory.CreateTempSubdirectory("thinfuse-micro-").FullName;
        _table = FasterExceptionTable.Create(new PosixStorage(_home), "table", new ExceptionTableOptions());
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            _table.Put(Layer, chunk, new ChunkException(chunk, AllBlocks, 0));
        }
    }

    [Benchmark]
    public ChunkException Lookup_of_a_random_chunk() => _table.Get(Layer, _random.Next(Chunks));

    [Benchmark]
    public ChunkException Lookup_of_a_chunk_that_is_not_there() => _table.Get(Layer + 1, _random.Next(Chunks));

    [Benchmark]
    public void Update_of_a_random_chunk() => _table.Put(Layer, _random.Next(Chunks), new ChunkException(_random.Next(Chunks), AllBlocks, 0));

    [GlobalCleanup]
    public void Cleanup()
    {
        _table.Dispose();
        Directory.Delete(_home, recursive: true);
    }
}
