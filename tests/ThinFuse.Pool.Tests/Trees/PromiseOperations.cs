using ThinFuse.Pool.Tests.Reservations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What is promised to volumes. That a promise is refused exactly when it must be is not asked here.</summary>
internal sealed class PromiseOperations(WorkloadContext context)
{
    private const int MaxChunks = 5;

    internal Done? SetPolicy()
    {
        if (AnyVolume() is not { } name)
        {
            return null;
        }

        ReservePolicy policy = context.Random.Next(3) switch
        {
            0 => ReservePolicy.Full,
            1 => ReservePolicy.Emergency(context.Random.Next(1, MaxChunks) * (long)context.Pool.Geometry.ChunkBytes),
            _ => ReservePolicy.None,
        };
        context.With(name, handle => handle.SetReserve(policy));
        context.Model.Promises.SetPolicy(name, policy);
        return new Done($"reserve {name} {policy.Mode}", IsDurable: true);
    }

    /// <summary>Provisions whole chunks, which perhaps become zeros.</summary>
    internal Done? Provision()
    {
        if (AnyVolume() is not { } name)
        {
            return null;
        }

        int chunkBytes = context.Pool.Geometry.ChunkBytes;
        long chunks = context.Pool.Geometry.ChunksFor(context.Model.Content[name].Length);
        long first = context.Random.NextInt64(chunks + 1);
        long end = Math.Min(chunks, first + context.Random.Next(1, MaxChunks));
        bool zeroes = !context.Model.IsReceiving(name) && context.Random.Next(4) == 0;
        (long offset, long length) = (first * chunkBytes, (end - first) * chunkBytes);
        context.With(name, handle =>
        {
            if (zeroes)
            {
                handle.ProvisionZeros(offset, length);
            }
            else
            {
                handle.Provision(offset, length);
            }
        });
        context.Model.Promises.Provision(name, PromiseModel.Range(first, end));
        if (zeroes)
        {
            context.MayStopHere();
            context.Model.Content.Punch(name, offset, length);
        }

        return new Done($"provision {name} {first}-{end}, zeroes: {zeroes}", !zeroes);
    }

    private string? AnyVolume() => context.Any(name => !WholeModel.IsReadOnly(name));
}
