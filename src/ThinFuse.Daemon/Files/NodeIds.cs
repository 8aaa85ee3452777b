namespace ThinFuse.Daemon.Files;

/// <summary>
/// The numbers by which the kernel knows the nodes of the mount. They follow from what a node stands for, so nothing is kept between
/// LOOKUP and FORGET, a number means the same for as long as the pool exists, and none is used twice.
/// </summary>
/// <remarks>1 is the root; volume n is n + 1; numbers with bit 62 are nodes of the status tree (<see cref="Tree.TreeNode"/>).</remarks>
internal static class NodeIds
{
    /// <summary>The root directory.</summary>
    public const ulong Root = 1;

    /// <summary>Marks the nodes of the status tree; volume ids stay below it.</summary>
    public const ulong TreeFlag = 1UL << 62;

    /// <summary>The node of a volume or snapshot.</summary>
    public static ulong OfVolume(ulong volumeId) => volumeId + 1;

    /// <summary>The volume or snapshot that a node stands for.</summary>
    public static bool TryGetVolume(ulong nodeId, out ulong volumeId)
    {
        volumeId = nodeId - 1;
        return nodeId is > Root and < TreeFlag;
    }
}
