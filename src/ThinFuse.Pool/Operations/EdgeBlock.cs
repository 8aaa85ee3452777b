namespace ThinFuse.Pool.Operations;

/// <summary>A block that a write covers in part and that must therefore be read, merged and written whole.</summary>
/// <param name="Claim">Index of the chunk's claim.</param>
/// <param name="BlockOffsetBytes">Where the block begins on the volume.</param>
/// <param name="SkipBytes">Where the write begins in the block.</param>
/// <param name="BufferOffsetBytes">Where its bytes are in the request's buffer.</param>
/// <param name="LengthBytes">How many bytes of the block are written.</param>
internal readonly record struct EdgeBlock(int Claim, long BlockOffsetBytes, int SkipBytes, int BufferOffsetBytes, int LengthBytes);
