using ThinFuse.Pool.Tests.Origins;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Files on a disk that volumes are made on: one that ends inside a sector, one with holes, a short one.</summary>
internal sealed class OriginImages
{
    private readonly byte[][] _contents;
    private readonly string[] _names = ["o0", "o1", "o2"];

    internal OriginImages(SimulatedDisk disk, int seed) =>
        _contents =
        [
            OriginFiles.Make(disk, _names[0], seed, 100_077),
            OriginFiles.Make(disk, _names[1], seed + 1, 200 << 10, (16 << 10, 80 << 10), (120_000 / 4096 * 4096, 140_000 / 4096 * 4096)),
            OriginFiles.Make(disk, _names[2], seed + 2, 37 << 10),
        ];

    internal int Count => _names.Length;

    internal string PathOf(int image) => OriginFiles.PathOf(_names[image]);

    internal byte[] ContentOf(int image) => _contents[image];

    /// <summary>Moves a file, durably.</summary>
    internal void Move(SimulatedDisk disk, int image, string name)
    {
        disk.Rename(PathOf(image), OriginFiles.PathOf(name));
        disk.SyncDirectory(OriginFiles.Directory);
        _names[image] = name;
    }
}
