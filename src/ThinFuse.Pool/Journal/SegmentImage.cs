using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>A segment file read into memory. Its bytes are trusted in nothing that a checksum does not prove.</summary>
internal sealed class SegmentImage
{
    private readonly byte[] _bytes;

    private SegmentImage(string path, byte[] bytes)
    {
        Path = path;
        _bytes = bytes;
    }

    internal string Path { get; }

    internal int LengthBytes => _bytes.Length;

    internal ReadOnlySpan<byte> From(int offset) => _bytes.AsSpan(Math.Min(offset, _bytes.Length));

    /// <summary>Reads at most <paramref name="limitBytes"/>.</summary>
    internal static SegmentImage Load(IStorage storage, string path, int limitBytes)
    {
        using IStorageFile file = storage.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] bytes = new byte[Math.Min(file.LengthBytes, limitBytes)];
        file.Read(0, bytes);
        return new SegmentImage(path, bytes);
    }

    /// <summary>The header of a file, or null when it has none that fits its name.</summary>
    internal static SegmentHeader? ReadHeader(IStorage storage, string path, Guid poolId, SegmentName name)
    {
        SegmentImage image = Load(storage, path, SegmentHeader.SizeBytes);
        return SegmentHeader.TryRead(image.From(0), poolId, name, out SegmentHeader header) ? header : null;
    }
}
