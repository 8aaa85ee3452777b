namespace ThinFuse.Pool;

/// <summary>Something an operator wants to know.</summary>
/// <param name="Kind">Stable word: out_of_space, space_returned, metadata_low, volume_created, volume_deleted, snapshot_created, pool_grown, pool_failed, ...</param>
/// <param name="Message">One line for people.</param>
/// <param name="At">When, UTC.</param>
public sealed record PoolEvent(string Kind, string Message, DateTimeOffset At);
