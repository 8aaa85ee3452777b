using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>Which extents have been seen to have an owner: a bit each. Not thread-safe.</summary>
internal sealed class OwnedBitmap(IReadOnlyList<NodeRecord> nodes)
{
    private readonly ExtentMap[] _maps = [.. nodes.Select(node => new ExtentMap(node.ExtentCount))];

    /// <summary>How many have been taken.</summary>
    public long Count { get; private set; }

    /// <summary>One in which what is retired is taken: nobody may own it.</summary>
    public static OwnedBitmap WithRetired(MetadataState state)
    {
        OwnedBitmap owned = new(state.Nodes);
        foreach (long extent in state.Retired)
        {
            owned.TryTake(extent);
        }

        return owned;
    }

    public bool Exists(long extent) =>
        ExtentAddress.NodeOf(extent) < _maps.Length && ExtentAddress.SlotOf(extent) < _maps[ExtentAddress.NodeOf(extent)].SlotCount;

    /// <summary>Notes an owner; false when it has one, or does not exist.</summary>
    public bool TryTake(long extent)
    {
        if (!Exists(extent) || !_maps[ExtentAddress.NodeOf(extent)].TryTake(ExtentAddress.SlotOf(extent)))
        {
            return false;
        }

        Count++;
        return true;
    }
}
