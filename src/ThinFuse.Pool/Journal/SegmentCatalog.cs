using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>The files of one generation, by their position.</summary>
internal sealed class SegmentCatalog
{
    private readonly SortedList<long, (string Path, SegmentHeader? Header)> _files = [];

    /// <summary>Every file, also those without a valid header, from a position on.</summary>
    internal IEnumerable<(long Ordinal, string Path, SegmentHeader? Header)> From(long ordinal) =>
        _files.Where(file => file.Key >= ordinal).Select(file => (file.Key, file.Value.Path, file.Value.Header));

    internal static SegmentCatalog Read(IStorage storage, string directory, Guid poolId, long generation)
    {
        SegmentCatalog catalog = new();
        foreach (string fileName in storage.List(directory))
        {
            if (SegmentName.TryParse(fileName, out SegmentName name) && name.Generation == generation)
            {
                string path = Path.Combine(directory, fileName);
                catalog._files.Add(name.Ordinal, (path, SegmentImage.ReadHeader(storage, path, poolId, name)));
            }
        }
        return catalog;
    }

    /// <summary>The started segment at a position.</summary>
    internal bool TryGet(long ordinal, out string path, out SegmentHeader header)
    {
        bool isStarted = _files.TryGetValue(ordinal, out (string Path, SegmentHeader? Header) file) && file.Header is not null;
        (path, header) = (file.Path, file.Header.GetValueOrDefault());
        return isStarted;
    }

    /// <summary>The position of the segment where <paramref name="sequence"/> is, or would come to be; null when there is none.</summary>
    internal long? FindOrdinal(long sequence)
    {
        long? found = null;
        foreach ((long ordinal, (_, SegmentHeader? header)) in _files)
        {
            found = header is { } started && started.FirstSequence <= sequence ? ordinal : found;
        }
        return found;
    }
}
