using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Origins;

/// <summary>The external origins of a pool by id, and where their blocks are. Thread-safe; looking takes no lock.</summary>
/// <remarks>
/// Whoever looks up a block and uses the answer is inside the reclaim epoch: an origin leaves the set, and is closed, only after everybody who can still
/// hold an address of it has left.
/// </remarks>
internal sealed class OriginSet(Geometry geometry) : IDisposable
{
    private readonly Lock _change = new();
    private Dictionary<uint, ExternalOrigin> _origins = [];

    public IReadOnlyCollection<ExternalOrigin> All => Volatile.Read(ref _origins).Values;

    public bool IsEmpty => Volatile.Read(ref _origins).Count == 0;

    /// <summary>The origin of an address that a walk gave.</summary>
    public ExternalOrigin At(long address) => Volatile.Read(ref _origins)[ExtentAddress.OriginOf(address)];

    public ExternalOrigin? Find(uint id) => Volatile.Read(ref _origins).GetValueOrDefault(id);

    /// <summary>Adds an origin or takes another file for it; what it was before is for the caller to close, after a grace period.</summary>
    public ExternalOrigin? Put(ExternalOrigin origin)
    {
        lock (_change)
        {
            ExternalOrigin? before = Find(origin.Id);
            Volatile.Write(ref _origins, new Dictionary<uint, ExternalOrigin>(_origins) { [origin.Id] = origin });
            return before;
        }
    }

    /// <summary>Closes all but the ones named, a grace period after the others were last shown to a walk.</summary>
    public void CloseOthers(IReadOnlySet<uint> keep)
    {
        lock (_change)
        {
            ExternalOrigin[] gone = [.. _origins.Values.Where(origin => !keep.Contains(origin.Id))];
            if (gone.Length != 0)
            {
                Volatile.Write(ref _origins, _origins.Where(pair => keep.Contains(pair.Key)).ToDictionary());
                Array.ForEach(gone, origin => origin.Dispose());
            }
        }
    }

    /// <summary>The blocks of a chunk that the origin has at least the first byte of.</summary>
    public ushort BlocksOf(OriginRecord origin, long chunk)
    {
        long bytes = origin.LimitBytes - (chunk << geometry.ChunkShift);
        return bytes <= 0 ? (ushort)0 : geometry.TouchedBlocks(0, (int)Math.Min(bytes, geometry.ChunkBytes));
    }

    /// <summary>The first chunk at or after one where the origin may hold something other than zeros; -1 when there is none.</summary>
    public long NextChunk(OriginRecord origin, long chunk)
    {
        long at = chunk << geometry.ChunkShift;
        if (at >= origin.LimitBytes || Find(origin.Id) is not { } file)
        {
            return -1;
        }

        long data = file.NextData(at);
        return data < 0 || data >= origin.LimitBytes ? -1 : data >> geometry.ChunkShift;
    }

    /// <summary>Takes the wanted blocks that the origin has: the end of a walk.</summary>
    /// <returns>The blocks taken.</returns>
    public ushort TakeWanted(OriginRecord origin, long chunk, ushort wanted, Span<long> blockExtents)
    {
        ushort here = (ushort)(wanted & BlocksOf(origin, chunk));
        long address = ExtentAddress.MakeOrigin(origin.Id);
        for (int block = 0; block < ChunkException.MaxBlocks; block++)
        {
            if ((here & (1 << block)) != 0)
            {
                blockExtents[block] = address;
            }
        }

        return here;
    }

    public void Dispose() => CloseOthers(new HashSet<uint>());
}
