using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Origins;

/// <summary>Files that volumes are made on, durable on a simulated disk.</summary>
internal static class OriginFiles
{
    internal const string Directory = "/images";

    /// <summary>Makes a file of random bytes, some ranges of which are holes.</summary>
    /// <returns>Its content.</returns>
    internal static byte[] Make(SimulatedDisk disk, string name, int seed, int lengthBytes, params (int FromBytes, int ToBytes)[] holes)
    {
        byte[] content = new byte[lengthBytes];
        new Random(seed).NextBytes(content);
        disk.CreateDirectory(Directory);
        using IStorageFile file = disk.Open(PathOf(name), StorageOpenMode.CreateNew, StorageCaching.Cached);
        int at = 0;
        foreach ((int from, int to) in holes.Append((lengthBytes, lengthBytes)))
        {
            file.Write(at, content.AsSpan(at, from - at));
            content.AsSpan(from, to - from).Clear();
            at = to;
        }

        file.SetLength(lengthBytes);
        file.Flush();
        disk.SyncDirectory(Directory);
        disk.SyncDirectory("/");
        return content;
    }

    internal static string PathOf(string name) => $"{Directory}/{name}";

    /// <summary>What a volume of a size shows of an origin.</summary>
    internal static byte[] Shown(byte[] origin, long sizeBytes)
    {
        byte[] shown = new byte[sizeBytes];
        origin.AsSpan(0, (int)Math.Min(sizeBytes, origin.Length)).CopyTo(shown);
        return shown;
    }
}
