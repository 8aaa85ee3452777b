namespace ThinFuse.Pool;

/// <summary>What an extent is used for, and by whom.</summary>
/// <param name="Extent">Its number.</param>
/// <param name="NodeId">Such as n-0.</param>
/// <param name="NodePath">The node's file or device.</param>
/// <param name="OffsetBytes">Where it begins there.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="State">What it is used for.</param>
/// <param name="Layer">The layer that owns it; null when none does.</param>
/// <param name="LayerOffsetBytes">Where in that layer, and in every volume that reads through it.</param>
/// <param name="Readers">The places that read it; empty when what it holds is hidden from all volumes, or nobody owns it.</param>
public sealed record ExtentUse(
    long Extent, string NodeId, string NodePath, long OffsetBytes, long LengthBytes, ExtentState State, long? Layer, long? LayerOffsetBytes,
    IReadOnlyList<ExtentReader> Readers);
