using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Reservations;

/// <summary>What was promised, kept beside the engine, and what it must keep ready for it: counted chunk by chunk, with nothing of the engine's own counts.</summary>
internal sealed class PromiseModel
{
    private readonly Dictionary<string, HashSet<long>> _provisioned = [];
    private readonly Dictionary<string, ReservePolicy> _policies = [];

    internal PromiseModel Copy()
    {
        PromiseModel copy = new();
        foreach ((string name, HashSet<long> chunks) in _provisioned)
        {
            copy._provisioned[name] = [.. chunks];
        }

        foreach ((string name, ReservePolicy policy) in _policies)
        {
            copy._policies[name] = policy;
        }

        return copy;
    }

    internal ReservePolicy PolicyOf(string name) => _policies.GetValueOrDefault(name, ReservePolicy.None);

    internal IReadOnlySet<long> ProvisionedOf(string name) => _provisioned.GetValueOrDefault(name, []);

    internal void SetPolicy(string name, ReservePolicy policy) => _policies[name] = policy;

    internal void Provision(string name, IEnumerable<long> chunks) => _provisioned[name] = [.. ProvisionedOf(name), .. chunks];

    internal void Release(string name, Func<long, bool> chunks) => _provisioned[name] = [.. ProvisionedOf(name).Where(chunk => !chunks(chunk))];

    internal void Forget(string name)
    {
        _provisioned.Remove(name);
        _policies.Remove(name);
    }

    internal void Rename(string from, string to)
    {
        _provisioned[to] = [.. ProvisionedOf(from)];
        _policies[to] = PolicyOf(from);
        Forget(from);
    }

    /// <summary>Whether policies and provisioned ranges of a pool's volumes are these.</summary>
    internal bool Describes(ThinPool pool) => pool.Volumes(withExclusive: false).All(info =>
        info.Reserve == PolicyOf(info.Name)
        && pool.Core.Metadata.Find(info.Name)!.Promise.Provisioned is var provisioned
        && provisioned.Count == ProvisionedOf(info.Name).Count
        && ProvisionedOf(info.Name).All(provisioned.Contains));

    /// <summary>The chunks of a volume whose next write is promised.</summary>
    internal IEnumerable<long> Promised(ThinPool pool, string name)
    {
        long size = pool.Geometry.ChunksFor(pool.Find(name)!.SizeBytes);
        return PolicyOf(name).Mode == ReserveMode.Full ? Range(0, size) : ProvisionedOf(name).Where(chunk => chunk < size);
    }

    /// <summary>The promised chunks that the volume's head owns no extent of.</summary>
    internal long Needed(ThinPool pool, string name)
    {
        using VolumeHandle handle = pool.Open(pool.Find(name)!.Id);
        return Promised(pool, name).Count(chunk => !pool.Core.Table.Get(handle.Volume.Head.Id, chunk).HasExtent);
    }

    internal static long EmergencyWanted(ThinPool pool, ReservePolicy policy) =>
        policy.Mode == ReserveMode.Emergency ? pool.Geometry.ChunksFor(policy.EmergencyBytes) : 0;

    /// <summary>free = total - owned - reserved, everything counted from scratch; nobody works on the pool meanwhile.</summary>
    internal void MustHold(ThinPool pool, long highestChunk, string when)
    {
        PoolStatus status = pool.Status();
        long needed = 0;
        long emergency = 0;
        bool isShort = false;
        foreach (VolumeInfo info in pool.Volumes(withExclusive: false))
        {
            long here = Needed(pool, info.Name);
            long kept = (info.ReservedBytes / pool.Geometry.ChunkBytes) - here;
            long wanted = EmergencyWanted(pool, PolicyOf(info.Name));
            kept.Should().BeInRange(0, wanted, $"{info.Name}: what is promised is kept ready and nothing more ({when})");
            info.ReservedBytes.Should().Be((here + kept) * pool.Geometry.ChunkBytes, $"{info.Name} ({when})");
            info.Reserve.Should().Be(PolicyOf(info.Name), $"{info.Name} ({when})");
            info.ProvisionedBytes.Should().Be(ProvisionedOf(info.Name).Count * (long)pool.Geometry.ChunkBytes, $"{info.Name} ({when})");
            needed += here;
            emergency += kept;
            isShort |= kept < wanted;
        }

        long total = status.TotalBytes / pool.Geometry.ChunkBytes;
        long owned = Owned(pool, highestChunk);
        (needed + emergency).Should().BeLessThanOrEqualTo(total - owned, $"never more is promised than there is ({when})");
        (status.AllocatedBytes / pool.Geometry.ChunkBytes).Should().Be(owned, when);
        (status.ReservedBytes / pool.Geometry.ChunkBytes).Should().Be(needed + emergency, when);
        (status.FreeBytes / pool.Geometry.ChunkBytes).Should().Be(total - owned - needed - emergency, when);
        if (isShort)
        {
            status.FreeBytes.Should().Be(0, $"emergency amounts are filled before others get anything ({when})");
        }
    }

    internal static IEnumerable<long> Range(long first, long end) => Enumerable.Range((int)first, (int)Math.Max(0, end - first)).Select(chunk => (long)chunk);

    private static long Owned(ThinPool pool, long highestChunk)
    {
        long owned = 0;
        foreach (Layer layer in pool.Core.Metadata.Tree.Layers)
        {
            owned += Range(0, highestChunk).Count(chunk => pool.Core.Table.Get(layer.Id, chunk).HasExtent);
        }

        return owned;
    }
}
