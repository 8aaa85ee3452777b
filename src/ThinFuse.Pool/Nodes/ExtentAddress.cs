namespace ThinFuse.Pool.Nodes;

/// <summary>An extent's 40-bit address: 8 bits of node, 32 bits of slot on the node.</summary>
public static class ExtentAddress
{
    /// <summary>Most slots on one node: the highest address stays below what an exception can hold.</summary>
    public const long MaxSlots = uint.MaxValue - 1L;

    /// <summary>Most nodes in a pool.</summary>
    public const int MaxNodes = 255;

    /// <summary>In the node's place, says that a block is read from an external origin; no exception holds such an address.</summary>
    private const int OriginMark = MaxNodes;

    /// <summary>The address of all blocks that an external origin has, each at its own place.</summary>
    public static long MakeOrigin(uint origin) => Make(OriginMark, origin);

    /// <summary>The address of all blocks that a bad disk has lost; no origin has it, for their ids begin at 1.</summary>
    public const long Lost = (long)OriginMark << 32;

    /// <summary>Whether the address is that of an external origin.</summary>
    public static bool IsOrigin(long address) => address >> 32 == OriginMark && address != Lost;

    /// <summary>The id in the address of an external origin.</summary>
    public static uint OriginOf(long address) => (uint)(address & uint.MaxValue);

    /// <summary>Puts an address together.</summary>
    public static long Make(int node, long slot) => ((long)node << 32) | slot;

    /// <summary>The node of an extent.</summary>
    public static int NodeOf(long extent) => (int)(extent >> 32);

    /// <summary>The slot of an extent on its node.</summary>
    public static long SlotOf(long extent) => extent & uint.MaxValue;
}
