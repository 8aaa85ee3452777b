using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool;

/// <summary>A place in a pool's data: an extent by its number, or any byte of a node.</summary>
public readonly record struct ExtentPlace
{
    private ExtentPlace(int node, long? offsetBytes, long slot) => (Node, OffsetBytes, Slot) = (node, offsetBytes, slot);

    /// <summary>The node's number.</summary>
    public int Node { get; }

    /// <summary>The byte of the node's file or device; null when the extent was named.</summary>
    public long? OffsetBytes { get; }

    /// <summary>The extent's number; -1 when a byte was named.</summary>
    public long Extent => OffsetBytes is null ? ExtentAddress.Make(Node, Slot) : -1;

    internal long Slot { get; }

    /// <summary>An extent by its number, as messages name it.</summary>
    public static ExtentPlace OfExtent(long extent) => new(ExtentAddress.NodeOf(extent), null, ExtentAddress.SlotOf(extent));

    /// <summary>A byte of a node's file or device, its label included.</summary>
    public static ExtentPlace OnNode(int node, long offsetBytes) => new(node, offsetBytes, -1);
}
