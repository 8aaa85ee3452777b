using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>One volume or snapshot in the tree of what was taken from what.</summary>
/// <remarks>The tree travels as a flat list, parents before children, so that its depth has no limit.</remarks>
/// <param name="Name">Its file name in the mount.</param>
/// <param name="Parent">The name of the volume or snapshot it was taken from; null at a root, and when that one is gone.</param>
/// <param name="Kind">Volume or snapshot.</param>
/// <param name="SizeBytes">The size that its users see.</param>
/// <param name="ExclusiveBytes">Bytes of the pool that nothing else uses.</param>
/// <param name="CreatedAt">When it was made.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record TreeEntryResponse(
    string Name, string? Parent, VolumeKind Kind, long SizeBytes, long ExclusiveBytes, DateTimeOffset CreatedAt)
{
    /// <summary>Bytes of the pool that it uses together with others, at most: of a chunk that several layers hold parts of, each part counts.</summary>
    public long SharedBytes { get; init; }

    /// <summary>Whether writes are refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Who keeps it from being deleted. Daemons that know nothing of holds leave it out.</summary>
    public IReadOnlyList<string> Holds { get; init => field = value ?? []; } = [];
}
