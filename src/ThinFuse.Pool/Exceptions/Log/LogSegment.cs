using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>One file of the log, and the checksum of each of its blocks. Thread-safe.</summary>
internal sealed class LogSegment(IStorageFile file, long lengthBytes) : IDisposable
{
    private readonly Lock _writing = new();
    private readonly uint[] _checksums = new uint[lengthBytes / LogBlock.Bytes];
    private int _unflushed;

    public string Path => file.Path;

    public uint ChecksumOf(int block) => Volatile.Read(ref _checksums[block]);

    /// <summary>States what a block must hold; for blocks written by an earlier process.</summary>
    public void Expect(int block, uint checksum) => Volatile.Write(ref _checksums[block], checksum);

    /// <summary>Writes whole blocks.</summary>
    /// <exception cref="StorageException">As <see cref="IStorageFile.Write"/>.</exception>
    public void Write(long offsetBytes, ReadOnlySpan<byte> blocks)
    {
        int first = (int)(offsetBytes / LogBlock.Bytes);
        lock (_writing)
        {
            Volatile.Write(ref _unflushed, 1);
            file.Write(offsetBytes, blocks);
            for (int i = 0; i < blocks.Length / LogBlock.Bytes; i++)
            {
                Volatile.Write(ref _checksums[first + i], LogBlock.Checksum(blocks.Slice(i * LogBlock.Bytes, LogBlock.Bytes)));
            }
        }
    }

    /// <summary>Reads whole blocks; one that was never written reads as zero, whatever the file holds there.</summary>
    /// <exception cref="StorageException">As <see cref="IStorageFile.Read"/>.</exception>
    /// <exception cref="InvalidDataException">A block does not hold what was written.</exception>
    public void Read(long offsetBytes, Span<byte> blocks)
    {
        file.Read(offsetBytes, blocks);
        if (FirstDamaged(offsetBytes, blocks) < 0)
        {
            return;
        }

        // The log's last block is rewritten when more follows, perhaps just now. Without a writer, bytes and checksums belong together.
        lock (_writing)
        {
            file.Read(offsetBytes, blocks);
            int damaged = FirstDamaged(offsetBytes, blocks);
            if (damaged >= 0)
            {
                throw new InvalidDataException(
                    $"{Path} is damaged: the {LogBlock.Bytes} bytes at {offsetBytes + ((long)damaged * LogBlock.Bytes)} are not the ones written.");
            }
        }
    }

    /// <summary>Makes everything written so far survive power loss.</summary>
    /// <exception cref="StorageException">As <see cref="IStorageFile.Flush"/>.</exception>
    public void Flush()
    {
        // Cleared first: a write beside the flush asks for another one.
        if (Interlocked.Exchange(ref _unflushed, 0) != 0)
        {
            file.Flush();
        }
    }

    public void Dispose() => file.Dispose();

    private int FirstDamaged(long offsetBytes, Span<byte> blocks)
    {
        int first = (int)(offsetBytes / LogBlock.Bytes);
        for (int i = 0; i < blocks.Length / LogBlock.Bytes; i++)
        {
            Span<byte> block = blocks.Slice(i * LogBlock.Bytes, LogBlock.Bytes);
            uint expected = ChecksumOf(first + i);
            if (expected == LogBlock.Unwritten)
            {
                block.Clear();
            }
            else if (LogBlock.Checksum(block) != expected)
            {
                return i;
            }
        }

        return -1;
    }
}
