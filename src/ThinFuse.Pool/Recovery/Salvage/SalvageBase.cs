using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery.Salvage;

/// <summary>Where a repair begins: a superblock whose image is what was written.</summary>
/// <param name="Superblock">The superblock, from its own place or from the image.</param>
/// <param name="State">What the image says.</param>
/// <param name="IsNewest">Whether no superblock is known that is newer.</param>
internal sealed record SalvageBase(Superblock Superblock, MetadataState State, bool IsNewest)
{
    /// <summary>The newest there is.</summary>
    /// <exception cref="PoolException">Damaged: there is none.</exception>
    public static SalvageBase Find(IStorage storage)
    {
        Superblock[] candidates =
        [
            .. SlotsIn(storage)
                .Concat(ImagesIn(storage).Select(name => MetadataImage.SuperblockOf(storage, name)).OfType<Superblock>())
                .DistinctBy(superblock => superblock.Generation)
                .OrderByDescending(superblock => superblock.Generation),
        ];
        foreach (Superblock candidate in candidates)
        {
            try
            {
                return new SalvageBase(candidate, MetadataImage.Read(storage, candidate), candidate == candidates[0]);
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.Damaged)
            {
                // An older one may be left.
            }
        }

        throw new PoolException(
            PoolErrorKind.Damaged, "no image of the pool's volumes and layers is left, so nothing says what the nodes hold; restore a dump");
    }

    private static IReadOnlyList<Superblock> SlotsIn(IStorage storage) => storage.Exists(Superblock.FileName) ? Superblock.ReadSlots(storage) : [];

    private static IEnumerable<string> ImagesIn(IStorage storage) =>
        storage.List(".").Where(name => name.StartsWith(PoolLayout.ImagePrefix, StringComparison.Ordinal));
}
