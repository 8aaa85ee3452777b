using ThinFuse.Pool.Ownership;

namespace ThinFuse.Pool.Recovery.Building;

/// <summary>Holds the locks of the pools that nodes lie in, so that nobody uses them while they change hands.</summary>
internal sealed class PoolsAround : IDisposable
{
    private readonly List<PoolLock> _locks = [];

    /// <param name="nodePaths">Absolute paths of nodes.</param>
    /// <param name="but">A pool whose lock the caller has.</param>
    /// <exception cref="PoolInUseException">One of the pools is in use.</exception>
    public PoolsAround(IEnumerable<string> nodePaths, string but)
    {
        try
        {
            foreach (string pool in nodePaths.SelectMany(Above).Distinct().Where(pool => pool != Path.GetFullPath(but)))
            {
                _locks.Add(PoolLock.Acquire(pool, null));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => _locks.ForEach(held => held.Dispose());

    private static IEnumerable<string> Above(string path)
    {
        for (string? directory = Path.GetDirectoryName(path); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (ThinPool.Exists(directory))
            {
                yield return directory;
            }
        }
    }
}
