using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Pending;

/// <summary>What one operation holds of one chunk of a layer until it settles.</summary>
/// <param name="Layer">The layer that is written.</param>
/// <param name="Chunk">The chunk.</param>
/// <param name="Before">The exception when the claim was granted.</param>
/// <param name="Extent">Where the blocks go: the layer's own extent, or one held for this pending exception; -1 when none was needed.</param>
/// <param name="Exclusive">Blocks that nobody else may write meanwhile: new ones, and those that are read, merged and written back.</param>
/// <param name="InPlace">Blocks that the layer already has and that are overwritten where they are, beside others doing the same.</param>
internal readonly record struct ChunkClaim(
    Layer Layer, long Chunk, ChunkException Before, long Extent, ushort Exclusive, ushort InPlace);
