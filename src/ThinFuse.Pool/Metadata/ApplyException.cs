using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool.Metadata;

/// <summary>Takes an exception from a replayed record.</summary>
internal delegate void ApplyException(uint layer, long chunk, ChunkException exception);
