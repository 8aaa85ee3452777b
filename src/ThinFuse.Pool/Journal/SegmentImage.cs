using System.Buffers;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>
/// A segment file as it is read, front to back, through a window: a segment is large, and most of it often unused. Its bytes are trusted in nothing that
/// a checksum does not prove. Not thread-safe.
/// </summary>
internal sealed class SegmentImage : IDisposable
{
    private const int WindowBytes = 512 << 10;

    /// <summary>So much is there from any offset on, unless the segment ends before: more than the longest record.</summary>
    private const int AheadBytes = RecordCodec.LargestPayloadBytes + 4096;

    private readonly IStorageFile _file;
    private byte[] _window;
    private int _start;
    private int _length;

    private SegmentImage(IStorageFile file, int lengthBytes)
    {
        _file = file;
        LengthBytes = lengthBytes;
        _window = ArrayPool<byte>.Shared.Rent(Math.Min(lengthBytes, WindowBytes));
    }

    internal int LengthBytes { get; }

    /// <summary>Bytes from an offset on, a record of any length among them; valid until the next call.</summary>
    internal ReadOnlySpan<byte> From(int offset)
    {
        int wanted = Math.Min(AheadBytes, LengthBytes - offset);
        if (wanted <= 0)
        {
            return [];
        }

        if (offset < _start || offset + wanted > _start + _length)
        {
            _start = offset;
            _length = Math.Min(_window.Length, LengthBytes - offset);
            _file.Read(offset, _window.AsSpan(0, _length));
        }

        return _window.AsSpan(offset - _start, _length - (offset - _start));
    }

    /// <summary>Opens a file of which at most <paramref name="limitBytes"/> are looked at.</summary>
    internal static SegmentImage Load(IStorage storage, string path, int limitBytes)
    {
        IStorageFile file = storage.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        return new SegmentImage(file, (int)Math.Min(file.LengthBytes, limitBytes));
    }

    /// <summary>The header of a file, or null when it has none that fits its name.</summary>
    internal static SegmentHeader? ReadHeader(IStorage storage, string path, Guid poolId, SegmentName name)
    {
        using SegmentImage image = Load(storage, path, SegmentHeader.SizeBytes);
        return SegmentHeader.TryRead(image.From(0), poolId, name, out SegmentHeader header) ? header : null;
    }

    public void Dispose()
    {
        _file.Dispose();
        ArrayPool<byte>.Shared.Return(_window);
        _window = [];
    }
}
