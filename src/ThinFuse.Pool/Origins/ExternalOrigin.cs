using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Origins;

/// <summary>An external origin as it was found: open for reading, or not there, when every read of it is EIO. Thread-safe.</summary>
/// <remarks>Its bytes must not change while a pool reads through to it: a hole found once is taken for zero.</remarks>
internal sealed class ExternalOrigin(OriginRecord record, IStorageFile? file, string? trouble) : DataFile, IDisposable
{
    /// <summary>Of the record it was opened by.</summary>
    public uint Id => record.Id;

    public override string Path => record.Path;

    public override int Descriptor => File.Descriptor;

    public override int AlignmentBytes => File.AlignmentBytes;

    public override bool IsRemote => file is { IsRemote: true };

    /// <summary>Why it cannot be read, in a line for people; null when it can.</summary>
    public string? Trouble => trouble;

    private IStorageFile File => file ?? throw new StorageException(Errno.EIO, "read", Path);

    public override void Read(long offsetBytes, Span<byte> buffer) => File.Read(offsetBytes, buffer);

    /// <summary>How many bytes of a range the origin has; the others are zero.</summary>
    /// <exception cref="StorageException">EIO: it is not there.</exception>
    public int CountIn(long offsetBytes, int lengthBytes) =>
        File is not null ? (int)Math.Clamp(record.LimitBytes - offsetBytes, 0, lengthBytes) : 0;

    /// <summary>Fills a buffer, aligned as blocks are, with what shows at a place: zeros behind the end.</summary>
    public void ReadShown(long offsetBytes, Span<byte> buffer)
    {
        int count = CountIn(offsetBytes, buffer.Length);
        Read(offsetBytes, buffer);
        buffer[count..].Clear();
    }

    /// <summary>
    /// The first byte at or after the offset that may be other than zero; -1 when there is none. All may be when it is not there. Needs no epoch.
    /// </summary>
    public long NextData(long offsetBytes)
    {
        try
        {
            return file is null ? offsetBytes : file.NextData(offsetBytes);
        }
        catch (ObjectDisposedException)
        {
            // Let go of since it was looked up: whoever asks finds its blocks elsewhere.
            return offsetBytes;
        }
    }

    /// <summary>Whether a range is known to be all zero without reading it.</summary>
    public bool IsHole(long fromBytes, long toBytes) => NextData(fromBytes) is var data && (data < 0 || data >= toBytes);

    public void Dispose() => file?.Dispose();
}
