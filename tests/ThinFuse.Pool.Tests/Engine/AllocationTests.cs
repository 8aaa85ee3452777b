using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Memory;
using ThinFuse.Pool.Tests.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>The data path allocates nothing per request once it is warm. On a real filesystem: the simulated disk allocates itself.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Block = 4096;
    private const int Requests = 500;
    private const int Allowed = 16 * Requests;
    private readonly TemporaryDirectory _directory = new();
    private readonly AlignedBuffer _buffer = new(64 << 10);
    private readonly ThinPool _pool;
    private readonly VolumeHandle _volume;

    public AllocationTests()
    {
        string path = Path.Combine(_directory.FullPath, "pool");
        ThinPool.Create(path, new PoolCreateOptions { SizeBytes = 1L << 30, ChunkSizeBytes = 16 << 10, Preallocation = NodePreallocation.Off });
        _pool = ThinPool.Open(path, new PoolOpenOptions { BackgroundReclaim = false, CommitIntervalMs = 0 });
        _volume = _pool.Open(_pool.CreateVolume("vm1", 1L << 40).Id);
    }

    public void Dispose()
    {
        _volume.Dispose();
        _pool.Dispose();
        _buffer.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(Block)]
    [InlineData(64 << 10)]
    public void Overwrites_allocate_nothing(int length) =>
        MustAllocateNothing(i => _volume.Write(i % 16 * (64L << 10), _buffer.Span[..length]));

    [Fact]
    public void First_writes_allocate_nothing() =>
        MustAllocateNothing(i => _volume.Write((long)i * (16 << 10), _buffer.Span[..Block]));

    [Fact]
    public void New_blocks_of_chunks_that_are_there_allocate_nothing() =>
        MustAllocateNothing(i => _volume.Write((long)i * Block, _buffer.Span[..Block]));

    [Fact]
    public void Unaligned_writes_allocate_nothing() =>
        MustAllocateNothing(i => _volume.Write(100 + (i % 64 * 10_000L), _buffer.Span.Slice(3, 5000)));

    [Fact]
    public void Appending_writes_allocate_little()
    {
        // The record of a volume that grows is a new object: some hundred bytes, which is not the data path's everyday.
        using VolumeHandle growing = _pool.Open(_pool.CreateVolume("vm2", 0).Id);
        LeastBytesOf(i => growing.Write((long)i * Block, _buffer.Span[..Block])).Should().BeLessThan(1000 * Requests);
    }

    [Theory]
    [InlineData(Block)]
    [InlineData(64 << 10)]
    public void Reads_allocate_nothing(int length)
    {
        for (int i = 0; i < 16; i++)
        {
            _volume.Write(i * (64L << 10), _buffer.Span);
        }

        MustAllocateNothing(i => _volume.Read(i % 32 * (64L << 10), _buffer.Span[..length]));
        MustAllocateNothing(i => _volume.Read(7 + (i % 32 * 60_000L), _buffer.Span.Slice(1, length - 1)));
    }

    [Fact]
    public void Reads_through_layers_allocate_nothing()
    {
        for (int i = 0; i < 5; i++)
        {
            _volume.Write(i * 2L * Block, _buffer.Span[..(3 * Block)]);
            _pool.CreateSnapshot("vm1", $"vm1@{i}");
        }

        MustAllocateNothing(i => _volume.Read(0, _buffer.Span));
    }

    [Fact]
    public void The_steps_of_a_transport_allocate_nothing()
    {
        NobodyWaits waiter = new();
        MustAllocateNothing(i =>
        {
            ReadOnlySpan<byte> data = _buffer.Span[..Block];
            WriteOperation write = _volume.RentWrite();
            if (_volume.MapWrite(write, i % 500 * (long)Block, data, waiter) == MapOutcome.Ready)
            {
                write.Move(data);
                write.Publish();
            }

            _volume.Return(write);
            ReadOperation read = _volume.RentRead();
            _volume.MapRead(read, i % 500 * (long)Block, Block);
            read.Move(_buffer.Span[..Block]);
            _volume.Return(read);
        });
    }

    /// <summary>A page of the table, or a dictionary that doubles, is not per request.</summary>
    private static void MustAllocateNothing(Action<int> request) =>
        LeastBytesOf(request).Should().BeLessThan(Allowed, $"that is less than one object for each of {Requests} requests");

    private static long LeastBytesOf(Action<int> request)
    {
        int next = 0;
        return Allocations.LeastBytesOf(() =>
        {
            for (int i = 0; i < Requests; i++)
            {
                request(next++);
            }
        });
    }

    private sealed class NobodyWaits : IParked
    {
        public void Resume() => throw new InvalidOperationException("nobody else writes");
    }
}
