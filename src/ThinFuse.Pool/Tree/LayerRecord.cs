namespace ThinFuse.Pool.Tree;

/// <summary>What the metadata says of a layer.</summary>
/// <param name="Id">From 1; never reused.</param>
/// <param name="ParentId">The layer below; 0 for none.</param>
/// <param name="VisibleChunks">Chunks from this number on do not show what lies below: they were cut off by a shrink.</param>
internal sealed record LayerRecord(uint Id, uint ParentId, long VisibleChunks);
