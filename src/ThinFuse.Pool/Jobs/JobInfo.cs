namespace ThinFuse.Pool.Jobs;

/// <summary>A job at one moment.</summary>
/// <param name="Id">From 1, counted anew at each opening of the pool.</param>
/// <param name="Kind">What it does: a stable word, such as flatten.</param>
/// <param name="Volume">The volume that it works on, by the name it has now.</param>
/// <param name="State">Where it stands.</param>
/// <param name="DoneBytes">What is copied; at the end of a job that completed at least <paramref name="TotalBytes"/>.</param>
/// <param name="TotalBytes">What there was to copy when it began; writes meanwhile make it less.</param>
/// <param name="RateBytesPerSecond">How fast it may go at most; 0 for no limit.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="EndedAt">UTC; null while it lives.</param>
/// <param name="Error">Why it failed, one line; null unless it did.</param>
public sealed record JobInfo(
    long Id, string Kind, string Volume, JobState State, long DoneBytes, long TotalBytes, long RateBytesPerSecond, DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt, string? Error)
{
    /// <summary>Whether it goes on no more.</summary>
    public bool HasEnded => State is not (JobState.Running or JobState.Paused or JobState.Waiting);
}
