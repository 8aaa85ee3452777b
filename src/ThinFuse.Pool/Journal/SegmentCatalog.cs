using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>The files of one generation, by their position.</summary>
internal sealed class SegmentCatalog
{
    // Ascending.
    private readonly List<CatalogFile> _files = [];

    /// <summary>Every file, also those without a valid header, from a position on.</summary>
    internal List<CatalogFile> From(long ordinal) => _files.FindAll(file => file.Ordinal >= ordinal);

    internal static SegmentCatalog Read(IStorage storage, string directory, Guid poolId, long generation)
    {
        SegmentCatalog catalog = new();
        foreach (string fileName in storage.List(directory))
        {
            if (SegmentName.TryParse(fileName, out SegmentName name) && name.Generation == generation)
            {
                string path = Path.Combine(directory, fileName);
                catalog._files.Add(new CatalogFile(name.Ordinal, path, SegmentImage.ReadHeader(storage, path, poolId, name)));
            }
        }
        catalog._files.Sort(static (first, second) => first.Ordinal.CompareTo(second.Ordinal));
        return catalog;
    }

    /// <summary>The started segment at a position.</summary>
    internal bool TryGet(long ordinal, out string path, out SegmentHeader header)
    {
        CatalogFile? file = _files.Find(file => file.Ordinal == ordinal);
        (path, header) = (file?.Path ?? "", file?.Header ?? default);
        return file?.Header is not null;
    }

    /// <summary>The position of the segment where <paramref name="sequence"/> is, or would come to be; null when there is none.</summary>
    internal long? FindOrdinal(long sequence)
    {
        long? found = null;
        foreach ((long ordinal, _, SegmentHeader? header) in _files)
        {
            found = header is { } started && started.FirstSequence <= sequence ? ordinal : found;
        }
        return found;
    }
}
