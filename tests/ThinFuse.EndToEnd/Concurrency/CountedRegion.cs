using System.Buffers.Binary;
using System.Globalization;
using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Concurrency;

/// <summary>A part of a volume with one writer, which counts up in each block: any reading can be placed in time.</summary>
internal sealed class CountedRegion(string volume, int index, int seed)
{
    private const int Blocks = 256;
    private const int BlockBytes = 4096;
    private const int WritesPerSync = 25;

    private readonly long[] _tried = new long[Blocks];
    private readonly long[] _acknowledged = new long[Blocks];

    /// <summary>The counts that writes have returned for.</summary>
    public long[] Acknowledged() => [.. Enumerable.Range(0, Blocks).Select(block => Volatile.Read(ref _acknowledged[block]))];

    /// <summary>The counts that have been written, or are being written.</summary>
    public long[] Tried() => [.. Enumerable.Range(0, Blocks).Select(block => Volatile.Read(ref _tried[block]))];

    /// <summary>Counts up blocks at random.</summary>
    /// <param name="writes">How often.</param>
    /// <param name="progress">Released so often meanwhile, each time after as many writes.</param>
    /// <param name="steps">How often.</param>
    public void Write(int writes, SemaphoreSlim progress, int steps)
    {
        Random random = new(seed);
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite | (index % 2 == 0 ? OpenFlags.Direct : 0));
        using AlignedBuffer buffer = new(BlockBytes);
        for (int i = 0; i < writes; i++)
        {
            int block = random.Next(Blocks);
            long count = _tried[block] + 1;
            Fill(buffer.Bytes, count);
            Volatile.Write(ref _tried[block], count);
            file.Write(OffsetOf(block), buffer.Bytes).Should().Be(BlockBytes);
            Volatile.Write(ref _acknowledged[block], count);
            if (i % (writes / steps) == 0)
            {
                progress.Release();
            }

            if (i % WritesPerSync == 0)
            {
                file.Sync().Should().Be(0);
            }
        }
    }

    /// <summary>Reads blocks of all regions until told to stop: a block never goes back in time, and is never torn.</summary>
    public static void ReadAgainAndAgain(string volume, CountedRegion[] regions, CancellationToken stop)
    {
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadOnly | OpenFlags.Direct);
        using AlignedBuffer buffer = new(BlockBytes);
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            CountedRegion region = regions[i % regions.Length];
            region.MustRead(file, buffer, i % Blocks, long.MinValue, long.MaxValue);
        }
    }

    /// <summary>Fails the test unless each block of the region in this file has a count from one of these to the other.</summary>
    public void MustLieBetween(string path, long[] from, long[] to)
    {
        using RawFile file = RawFile.Open(path, OpenFlags.ReadOnly | OpenFlags.Direct);
        using AlignedBuffer buffer = new(BlockBytes);
        for (int block = 0; block < Blocks; block++)
        {
            MustRead(file, buffer, block, from[block], to[block]);
        }
    }

    private static void Fill(Span<byte> content, long count)
    {
        for (int at = 0; at < BlockBytes; at += sizeof(long))
        {
            BinaryPrimitives.WriteInt64LittleEndian(content[at..], count);
        }
    }

    private void MustRead(RawFile file, AlignedBuffer buffer, int block, long from, long to)
    {
        long acknowledged = Volatile.Read(ref _acknowledged[block]);
        file.Read(OffsetOf(block), buffer.Bytes).Should().Be(BlockBytes);
        long tried = Volatile.Read(ref _tried[block]);
        long count = BinaryPrimitives.ReadInt64LittleEndian(buffer.Bytes);
        (long low, long high) = from == long.MinValue ? (acknowledged, tried) : (from, to);
        Span<byte> expected = stackalloc byte[BlockBytes];
        Fill(expected, count);
        if (count < low || count > high || !buffer.Bytes.SequenceEqual(expected))
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"block {block} of region {index} has count {count}, and should have {low} to {high} (seed {seed})"));
        }
    }

    private long OffsetOf(int block) => ((long)index * Blocks + block) * BlockBytes;
}
