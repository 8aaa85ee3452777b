using System.Buffers.Binary;
using System.Globalization;
using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Killing;

/// <summary>
/// Writes stamped blocks to its own part of a volume, and remembers of each block which stamp was tried last and which was acknowledged
/// last. The daemon may die at any time; afterwards a block holds what was acknowledged, or what was being written.
/// </summary>
internal sealed class StampedWriter(string volume, int firstBlock, int blocks, bool direct, int seed)
{
    private const int BlockBytes = 4096;
    private const int MaxBlocksPerWrite = 32;
    private const int MaxReadBytes = 1 << 20;

    private readonly Random _random = new(seed);
    private readonly long[] _tried = new long[blocks];
    private readonly long[] _acknowledged = new long[blocks];
    private long _stamp;

    /// <summary>How many writes were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Writes at random until the daemon is gone.</summary>
    /// <param name="enough">Counts acknowledgements down.</param>
    public void WriteUntilError(CountdownEvent enough)
    {
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite | (direct ? OpenFlags.Direct : 0));
        using AlignedBuffer buffer = new(MaxBlocksPerWrite * BlockBytes);
        while (TryWrite(file, buffer))
        {
            Acknowledged++;
            if (!enough.IsSet)
            {
                Signal(enough);
            }
        }
    }

    /// <summary>Fails the test unless every block holds a stamp that it may hold; from then on these are the acknowledged ones.</summary>
    public void MustFindAcknowledged()
    {
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadOnly | OpenFlags.Direct);
        using AlignedBuffer buffer = new(blocks * BlockBytes);
        for (int read = 0; read < buffer.Bytes.Length; read += MaxReadBytes)
        {
            Span<byte> part = buffer.Bytes[read..Math.Min(buffer.Bytes.Length, read + MaxReadBytes)];
            file.Read(OffsetOf(0) + read, part).Should().Be(part.Length);
        }

        for (int i = 0; i < blocks; i++)
        {
            MustFindAcknowledged(i, buffer.Bytes.Slice(i * BlockBytes, BlockBytes));
        }
    }

    private void MustFindAcknowledged(int block, ReadOnlySpan<byte> content)
    {
        long found = BinaryPrimitives.ReadInt64LittleEndian(content);
        if ((found != _acknowledged[block] && found != _tried[block]) || !IsWhole(content, block, found))
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"block {firstBlock + block} holds stamp {found}; acknowledged was {_acknowledged[block]}, tried last {_tried[block]} (seed {seed})"));
        }

        _acknowledged[block] = _tried[block] = found;
    }

    private static void Signal(CountdownEvent enough)
    {
        try
        {
            enough.Signal();
        }
        catch (InvalidOperationException)
        {
            // Another writer counted the last one down.
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> content, int block, long stamp)
    {
        Span<byte> expected = stackalloc byte[BlockBytes];
        expected.Clear();
        if (stamp != 0)
        {
            Fill(expected, block, stamp);
        }

        return content.SequenceEqual(expected);
    }

    private static void Fill(Span<byte> content, int block, long stamp)
    {
        for (int at = 0; at < BlockBytes; at += 16)
        {
            BinaryPrimitives.WriteInt64LittleEndian(content[at..], stamp);
            BinaryPrimitives.WriteInt64LittleEndian(content[(at + 8)..], ((long)block << 32) | (uint)at);
        }
    }

    private long OffsetOf(int block) => (long)(firstBlock + block) * BlockBytes;

    private bool TryWrite(RawFile file, AlignedBuffer buffer)
    {
        int count = _random.Next(1, MaxBlocksPerWrite + 1);
        int start = _random.Next(blocks - count + 1);
        long stamp = ++_stamp;
        for (int i = 0; i < count; i++)
        {
            Fill(buffer.Bytes.Slice(i * BlockBytes, BlockBytes), start + i, stamp);
            _tried[start + i] = stamp;
        }

        long written = file.Write(OffsetOf(start), buffer.Bytes[..(count * BlockBytes)]);
        for (int i = 0; i < Math.Max(0, written) / BlockBytes; i++)
        {
            _acknowledged[start + i] = stamp;
        }

        return written == count * BlockBytes;
    }
}
