using System.Text.Json.Serialization;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>One line of the event stream; fields that do not apply to its kind are left out.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record EventResponse
{
    /// <summary>Counts from 1 since the pool was mounted, without gaps. Null for <see cref="PoolEventKinds.EventsLost"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Sequence { get; init; }

    /// <summary>When. Null for <see cref="PoolEventKinds.EventsLost"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Time { get; init; }

    /// <summary>What happened, one of <see cref="PoolEventKinds"/>; a newer daemon may know more.</summary>
    public required string Kind { get; init; }

    /// <summary>One line for people. Null for <see cref="PoolEventKinds.EventsLost"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    /// <summary>The volume or snapshot that it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Volume { get; init; }

    /// <summary>What the volume was taken from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Origin { get; init; }

    /// <summary>The name that the volume had before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PreviousName { get; init; }

    /// <summary>The node that it is about, as in <c>.thinfuse/nodes</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Node { get; init; }

    /// <summary>How many things it is about, where one event stands for several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Count { get; init; }

    /// <summary>The size of the volume.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeBytes { get; init; }

    /// <summary>The size that the volume had before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PreviousSizeBytes { get; init; }

    /// <summary>The size of the pool.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TotalBytes { get; init; }

    /// <summary>What is free in the pool.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? FreeBytes { get; init; }

    /// <summary>What was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? WantedBytes { get; init; }
}
