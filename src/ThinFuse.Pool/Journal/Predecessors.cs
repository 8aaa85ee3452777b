using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Journaling;

/// <summary>What earlier journals left in the directory.</summary>
/// <param name="NeededPaths">Segments with a header: their records may be needed until a superblock says otherwise.</param>
/// <param name="UnstartedPaths">Spares that were never started: free to be used.</param>
internal sealed record Predecessors(IReadOnlyCollection<string> NeededPaths, IReadOnlyCollection<string> UnstartedPaths)
{
    /// <summary>
    /// Makes the directory ready for a journal of this generation. Segments of the same or a larger generation go first, durably:
    /// a later journal numbers its records anew, and none of theirs may be found among them.
    /// </summary>
    internal static Predecessors Prepare(IStorage storage, string directory, Guid poolId, long generation)
    {
        if (!storage.Exists(directory))
        {
            storage.CreateDirectory(directory);
            storage.SyncDirectory(Path.GetDirectoryName(directory) is { Length: > 0 } parent ? parent : ".");
        }
        List<string> needed = [];
        List<string> unstarted = [];
        foreach (string fileName in storage.List(directory))
        {
            string path = Path.Combine(directory, fileName);
            if (!SegmentName.TryParse(fileName, out SegmentName name))
            {
                continue;
            }
            if (name.Generation >= generation)
            {
                storage.Delete(path);
            }
            else
            {
                (SegmentImage.ReadHeader(storage, path, poolId, name) is null ? unstarted : needed).Add(path);
            }
        }
        storage.SyncDirectory(directory);
        return new Predecessors(needed, unstarted);
    }
}
