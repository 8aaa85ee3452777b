using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery.Building;

/// <summary>Where metadata may be built: nowhere that anything could be overwritten.</summary>
internal static class NewPoolPlace
{
    /// <summary>Nodes may be there already; the lock and empty directories are what an attempt that failed leaves.</summary>
    private static readonly string[] Harmless = [PoolLayout.NodeDirectory, PoolLayout.TableDirectory, PoolLayout.JournalDirectory, "lock"];

    /// <summary>Refuses a directory that holds anything but nodes.</summary>
    /// <exception cref="PoolException">Exists.</exception>
    public static void MustBeFree(IStorage storage, string poolDirectory)
    {
        bool isFree = storage.List(".").All(Harmless.Contains)
            && storage.List(PoolLayout.TableDirectory).Count == 0 && storage.List(PoolLayout.JournalDirectory).Count == 0;
        if (!isFree)
        {
            throw new PoolException(
                PoolErrorKind.Exists, $"{poolDirectory} is not empty; name a new directory, or one that holds nothing but {PoolLayout.NodeDirectory}");
        }
    }
}
