using System.Text.Json;

namespace ThinFuse.Pool.Ownership;

/// <summary>Who uses a pool, as the lock file says it.</summary>
/// <param name="Pid">Process id, on <paramref name="Host"/>.</param>
/// <param name="Host">Host name.</param>
/// <param name="MountPoint">Where the pool is mounted; null for an offline tool.</param>
/// <param name="StartedAt">When the owner took the pool, UTC.</param>
/// <param name="HasSuccessor">Whether another process goes on when this one ends without having given the pool back.</param>
public sealed record PoolOwner(int Pid, string Host, string? MountPoint, DateTimeOffset StartedAt, bool HasSuccessor = false)
{
    /// <summary>As a phrase: <c>pid 123 on host h, mounted at /mnt/x</c>.</summary>
    public override string ToString() => $"pid {Pid} on host {Host}" + (MountPoint is null ? "" : $", mounted at {MountPoint}");

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PoolOwnerJson.Default.PoolOwner);

    /// <summary>Null when this is no owner's JSON: nothing is known of who wrote it.</summary>
    internal static PoolOwner? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, PoolOwnerJson.Default.PoolOwner) is { Pid: > 0, Host: not null } owner ? owner : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
