using FASTER.core;

namespace ThinFuse.Pool.Exceptions.Checkpoints;

/// <summary>
/// Takes what FASTER says about a checkpoint and hands it back at recovery, all in memory: the table writes it itself, together with what
/// FASTER does not know, and can then say whether that went well.
/// </summary>
internal sealed class CheckpointCapture : ICheckpointManager
{
    private Guid _token;
    private byte[]? _metadata;

    /// <summary>What FASTER committed for this checkpoint.</summary>
    public byte[] Metadata(Guid token) => token == _token && _metadata is not null
        ? _metadata
        : throw new InvalidOperationException($"There is no committed checkpoint {token}.");

    /// <summary>For recovery: what was committed then.</summary>
    public void Restore(Guid token, byte[] metadata)
    {
        _token = token;
        _metadata = metadata;
    }

    public void InitializeLogCheckpoint(Guid logToken)
    {
    }

    public void CommitLogCheckpoint(Guid logToken, byte[] commitMetadata) => Restore(logToken, commitMetadata);

    public byte[] GetLogCheckpointMetadata(Guid logToken, DeltaLog deltaLog, bool scanDelta = false, long recoverTo = -1) => Metadata(logToken);

    public IEnumerable<Guid> GetLogCheckpointTokens() => _metadata is null ? [] : [_token];

    public void CheckpointVersionShift(long oldVersion, long newVersion)
    {
    }

    public void OnRecovery(Guid indexToken, Guid logToken)
    {
    }

    // Recovery rebuilds the index from the log.
    public void InitializeIndexCheckpoint(Guid indexToken) => throw new NotSupportedException();

    public void CommitIndexCheckpoint(Guid indexToken, byte[] commitMetadata) => throw new NotSupportedException();

    public byte[] GetIndexCheckpointMetadata(Guid indexToken) => throw new NotSupportedException();

    public IEnumerable<Guid> GetIndexCheckpointTokens() => [];

    public IDevice GetIndexDevice(Guid indexToken) => throw new NotSupportedException();

    // Checkpoints are of the kind that folds over into the log: no snapshot, no delta.
    public IDevice GetSnapshotLogDevice(Guid token) => throw new NotSupportedException();

    public IDevice GetSnapshotObjectLogDevice(Guid token) => throw new NotSupportedException();

    // Asked for at recovery, whatever the kind: null says that there are no deltas.
    public IDevice? GetDeltaLogDevice(Guid token) => null;

    public void CommitLogIncrementalCheckpoint(Guid logToken, long version, byte[] commitMetadata, DeltaLog deltaLog) =>
        throw new NotSupportedException();

    // The table purges.
    public void Purge(Guid token)
    {
    }

    public void PurgeAll()
    {
    }

    public void Dispose()
    {
    }
}
