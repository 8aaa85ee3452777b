using ThinFuse.Benchmarks.FillTable;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Benchmarks.Micro;

/// <summary>An open pool with far more extents than any benchmark takes, in a sparse node; deleted when disposed.</summary>
internal sealed class ScratchPool : IDisposable
{
    private const long NodeBytes = 4L << 40;

    private readonly string _home = Directory.CreateTempSubdirectory("thinfuse-micro-").FullName;

    public ScratchPool()
    {
        string directory = Path.Combine(_home, "pool");
        ThinPool.Create(directory, new PoolCreateOptions { SizeBytes = NodeBytes, Preallocation = NodePreallocation.Off });
        Pool = ThinPool.Open(directory);
    }

    /// <summary>The pool.</summary>
    public ThinPool Pool { get; }

    /// <summary>Makes a volume, mapped from end to end or empty, and opens it.</summary>
    public VolumeHandle Add(string name, long sizeBytes, bool isMapped)
    {
        VolumeHandle handle = Pool.Open(Pool.CreateVolume(name, sizeBytes).Id);
        if (isMapped)
        {
            using TableFiller filler = new(handle);
            filler.Fill(sizeBytes, CancellationToken.None);
        }

        return handle;
    }

    public void Dispose()
    {
        Pool.Dispose();
        Directory.Delete(_home, recursive: true);
    }
}
