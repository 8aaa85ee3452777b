using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>A copy in the background.</summary>
/// <param name="Id">Its number, counted anew at each mount.</param>
/// <param name="Kind">What it does, such as <c>flatten</c>.</param>
/// <param name="Volume">The volume it works on.</param>
/// <param name="State">Where it stands.</param>
/// <param name="DoneBytes">What is copied.</param>
/// <param name="TotalBytes">What there was to copy when it began.</param>
/// <param name="RateBytesPerSecond">Its limit; 0 for none.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it lives.</param>
/// <param name="Error">Why it failed; null unless it did.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record JobResponse(
    long Id,
    string Kind,
    string Volume,
    JobState State,
    long DoneBytes,
    long TotalBytes,
    long RateBytesPerSecond,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Error)
{
    /// <summary>Whether it goes on no more.</summary>
    [JsonIgnore]
    public bool HasEnded => State is not (JobState.Running or JobState.Paused or JobState.Waiting);
}
