using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>A volume or snapshot.</summary>
/// <param name="Name">Its file name in the mount: <c>vm1</c>, <c>vm1@monday</c>.</param>
/// <param name="Kind">Volume or snapshot.</param>
/// <param name="Origin">What it was taken from; null when it began empty.</param>
/// <param name="SizeBytes">The size that its users see.</param>
/// <param name="AllocatedBytes">Bytes of the pool that back it, shared or not.</param>
/// <param name="ExclusiveBytes">Bytes of the pool that nothing else uses: what deleting it gives back.</param>
/// <param name="ReservedBytes">Bytes promised to its later writes.</param>
/// <param name="ReadOnly">Whether writes are refused.</param>
/// <param name="CreatedAt">When it was made.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record VolumeResponse(
    string Name,
    VolumeKind Kind,
    string? Origin,
    long SizeBytes,
    long AllocatedBytes,
    long ExclusiveBytes,
    long ReservedBytes,
    bool ReadOnly,
    DateTimeOffset CreatedAt)
{
    /// <summary>Its number in the pool, kept over renames and never used again: of two the one with the greater was made later, whatever the clock said.</summary>
    public ulong Id { get; init; }

    /// <summary>A random id, new whenever the content stops going on from what it was: made, rolled back, or turned into a clone.</summary>
    public Guid Generation { get; init; }

    /// <summary>Who keeps it from being deleted. Daemons that know nothing of holds leave it out.</summary>
    public IReadOnlyList<string> Holds { get; init => field = value ?? []; } = [];

    /// <summary>Bytes of the pool that back it and that deleting it does not give back.</summary>
    public long SharedBytes { get; init; }

    /// <summary>What is kept ready for it: <c>none</c>, <c>full</c>, or the bytes of its emergency amount.</summary>
    public string Reserve { get; init => field = value ?? ReserveWords.None; } = ReserveWords.None;

    /// <summary>When that is kept: <c>always</c>, or while it is <c>open</c> for writing.</summary>
    public string ReserveWhen { get; init => field = value ?? ReserveWords.Always; } = ReserveWords.Always;

    /// <summary>Bytes that can always be overwritten, whatever is kept besides.</summary>
    public long ProvisionedBytes { get; init; }

    /// <summary>The file or device outside of the pool that it reads through to; these fields are there only when there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OriginFile { get; init; }

    /// <summary>How much of that shows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? OriginBytes { get; init; }

    /// <summary>How much of it, from its start, is in the pool by now.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? HydratedBytes { get; init; }

    /// <summary>Whether the rest is being copied.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HydrationState? Hydration { get; init; }

    /// <summary>Why it cannot be read or copied; not there when nothing is wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OriginTrouble { get; init; }
}
