using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What a snapshot holds, in terms that hold in every pool.</summary>
/// <param name="Name">Its file name in the mount.</param>
/// <param name="ContentId">Random, given once: whatever has it, in this pool or another, has the same bytes.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ChunkSize">Bytes of a chunk in this pool.</param>
/// <param name="BlockSize">Bytes of a block in this pool, to which ranges are exact.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record ContentResponse(string Name, Guid ContentId, long SizeBytes, DateTimeOffset CreatedAt, int ChunkSize, int BlockSize);
