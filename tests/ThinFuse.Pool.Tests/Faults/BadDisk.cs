using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Faults;

/// <summary>Makes places of a pool's disk bad.</summary>
internal static class BadDisk
{
    internal const SimulatedIoKind ReadsAndWrites = SimulatedIoKind.Read | SimulatedIoKind.Write;

    /// <summary>What a volume's own layer holds of a chunk.</summary>
    internal static ChunkException Own(TestPool test, string name, long chunk) =>
        test.Pool.Core.Table.Get(test.Pool.Core.Metadata.Find(name)!.Head.Id, chunk);

    /// <summary>Makes an extent, or so many of its bytes, bad.</summary>
    internal static SimulatedFault Break(TestPool test, long extent, SimulatedIoKind kinds, int fromBytes = 0, int lengthBytes = int.MaxValue)
    {
        (Node node, long offsetBytes) = test.Pool.Core.Nodes.Locate(extent);
        long end = Math.Min(offsetBytes + test.Pool.Geometry.ChunkBytes, offsetBytes + fromBytes + (long)lengthBytes);
        return test.Disk.Inject(new SimulatedFault(node.Path, kinds, Errno.EIO) { IsSticky = true, FromBytes = offsetBytes + fromBytes, ToBytes = end });
    }
}
