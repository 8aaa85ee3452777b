namespace ThinFuse.Pool.Exceptions;

/// <summary>The exception table: (layer, chunk) to <see cref="ChunkException"/>. Larger than memory; never the only copy of the truth.</summary>
/// <remarks>
/// <para>
/// Thread-safe. Reads take no lock and see each exception whole: the old one or the new one. Writers of the *same group*
/// (32 neighbouring chunks of one layer) are serialised by the table; the caller orders writes of the same chunk.
/// </para>
/// <para>
/// Nothing here is durable by itself: the caller journals first and puts after. A checkpoint contains at least every Put that returned
/// before it began, and perhaps some that ran beside it; replaying the journal from a position noted before the checkpoint began
/// gives the exact state, because records hold whole new values.
/// </para>
/// <para>Errors of the files below are sticky: after one, every method throws <see cref="Storage.StorageException"/>.</para>
/// </remarks>
public interface IExceptionTable : IDisposable
{
    /// <summary>Chunks per record: neighbours that are stored, and enumerated, together.</summary>
    const int GroupChunks = 32;

    /// <summary>Raised once, on any thread, when an error of the files below has made the table unusable. Handlers must not block.</summary>
    event Action<Storage.StorageException>? Faulted;

    /// <summary>The exception of a chunk in a layer; <c>default</c> (empty) when there is none. May read the disk when the table outgrew its memory.</summary>
    ChunkException Get(uint layer, long chunk);

    /// <summary>Replaces the exception of a chunk; an empty one removes it, and a group without exceptions leaves the table.</summary>
    void Put(uint layer, long chunk, in ChunkException exception);

    /// <summary>
    /// As <see cref="Put"/>, for neighbours of one group, beginning with <paramref name="firstChunk"/>, in one step.
    /// </summary>
    /// <exception cref="ArgumentException">They are none, or of more than one group.</exception>
    void PutRange(uint layer, long firstChunk, ReadOnlySpan<ChunkException> exceptions);

    /// <summary>Copies a whole group (chunks group * 32 ... + 31) into <paramref name="exceptions"/> (32 long); false, and all empty, when there is none.</summary>
    bool GetGroup(uint layer, long group, Span<ChunkException> exceptions);

    /// <summary>
    /// Whether the files below have room for what could still be written before the next checkpoint. While false the caller
    /// must refuse new data extents (ENOSPC), so that metadata is never what runs out first. Cheap; any thread.
    /// </summary>
    bool HasHeadroom { get; }

    /// <summary>Takes a checkpoint and returns its token. Its files are flushed when this returns. One at a time.</summary>
    /// <exception cref="Storage.StorageException">It failed; the earlier checkpoints are untouched and remain recoverable.</exception>
    Guid Checkpoint();

    /// <summary>Removes the files of every checkpoint but this one; call only after the superblock that names <paramref name="keep"/> is durable.</summary>
    void PurgeOtherCheckpoints(Guid keep);
}
