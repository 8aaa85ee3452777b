using FASTER.core;

namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>Hash and equality of keys. The index uses the low bits for the bucket and the high 14 for the tag, so all 64 must be mixed.</summary>
internal sealed class GroupKeyComparer : IFasterEqualityComparer<GroupKey>
{
    public long GetHashCode64(ref GroupKey key)
    {
        ulong hash = (ulong)key.Group * 0x9E3779B97F4A7C15 + key.Layer * 0xC2B2AE3D27D4EB4FUL;
        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
        return (long)(hash ^ (hash >> 32));
    }

    public bool Equals(ref GroupKey first, ref GroupKey second) => first.Group == second.Group && first.Layer == second.Layer;
}
