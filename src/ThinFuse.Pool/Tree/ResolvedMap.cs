using System.Numerics;
using System.Runtime.InteropServices;
using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// Remembers where volumes that read through several layers find their chunks, so that a warm read costs one step, however long the chain. Bounded,
/// in native memory, filled by walks, forgotten exactly. Thread-safe and lock-free; nothing in it is ever waited for.
/// </summary>
/// <remarks>
/// <para>An answer is right when it is given, because whatever changes what a volume reads in a chunk makes it unusable first:</para>
/// <list type="bullet">
/// <item>exceptions of a head layer with something below it change between <see cref="BeginChange"/> and <see cref="EndChange"/> of its volume and
/// chunk. Meanwhile there are no answers from that slot, and a walk that began before the end can no longer fill it;</item>
/// <item>exceptions of frozen layers change only inside a move of the <see cref="RestructureLock"/>: an answer belongs to the move sequence its walk
/// began with;</item>
/// <item>whatever else changes what is shown (a shrink, another head) gives the volume a new map id.</item>
/// </list>
/// <para>
/// An answer never names an extent that may be used for something else: an extent is freed after one of these steps, a reader enters the
/// reclaim epoch before it takes the volume's view and asks here, so an answer that was still usable names extents freed, if at all, after that
/// reader had entered; they are not used again before it exits. A head with nothing below it is neither asked for here nor announced here; once
/// that is so it stays so under its map id, so a reader that does ask saw something below the head, and frees that were not announced came later.
/// </para>
/// </remarks>
internal sealed unsafe class ResolvedMap : IDisposable
{
    private readonly RestructureLock _moves;
    private readonly ulong _mask;
    private void* _memory;
    private ResolvedSlot* _slots;

    /// <param name="budgetBytes">Most memory; at least one slot is made. The system gives it page by page, as slots are first used.</param>
    /// <param name="moves">What tells of changes in frozen layers.</param>
    public ResolvedMap(long budgetBytes, RestructureLock moves)
    {
        _moves = moves;
        ulong count = 1UL << BitOperations.Log2((ulong)Math.Max(1, budgetBytes / ResolvedSlot.Bytes));
        _mask = count - 1;
        _memory = NativeMemory.AllocZeroed((nuint)count + 1, ResolvedSlot.Bytes);
        _slots = (ResolvedSlot*)(((nuint)_memory + ResolvedSlot.Bytes - 1) & ~(nuint)(ResolvedSlot.Bytes - 1));
    }

    /// <summary>Frees what nobody disposed.</summary>
    ~ResolvedMap() => Free();

    /// <summary>Asks for blocks of a chunk; the caller is inside the reclaim epoch if it uses the extents.</summary>
    /// <param name="mapId">The volume's, from the view that the caller read.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="wanted">Blocks to fill in.</param>
    /// <param name="blockExtents">16 long: the wanted blocks' extents, -1 for zeros; undefined after a miss.</param>
    /// <param name="found">The wanted blocks that have data.</param>
    /// <param name="state">After a miss, for <see cref="TryFill"/>: taken before the walk begins.</param>
    public bool TryGet(long mapId, long chunk, ushort wanted, Span<long> blockExtents, out ushort found, out long state)
    {
        ref ResolvedSlot slot = ref SlotOf(mapId, chunk);
        state = Volatile.Read(ref slot.State);
        found = (ushort)(slot.Found & wanted);
        if (ResolvedSlot.IsBusy(state) || slot.FilledAt != ResolvedSlot.VersionOf(state) || slot.MapId != mapId || slot.Chunk != chunk)
        {
            return false;
        }

        long moves = slot.Moves;
        for (int rest = wanted; rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            blockExtents[block] = slot.Extent(block);
        }

        // All of it was read before these two looks, so all of it belongs together and was right at this moment.
        Volatile.ReadBarrier();
        return Volatile.Read(ref slot.State) == state && _moves.WalkIsValid(chunk, moves);
    }

    /// <summary>The state of a chunk's slot, for <see cref="TryFill"/>: taken before the walk begins.</summary>
    public long StateOf(long mapId, long chunk) => Volatile.Read(ref SlotOf(mapId, chunk).State);

    /// <summary>Keeps what a walk found, unless the slot was filled or changed since the state was taken.</summary>
    /// <param name="mapId">The volume's.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="state">What the slot's state was before the walk.</param>
    /// <param name="moves">The move sequence that the walk is valid for.</param>
    /// <param name="found">Blocks that have data.</param>
    /// <param name="blockExtents">16 long: all blocks' extents.</param>
    public bool TryFill(long mapId, long chunk, long state, long moves, ushort found, ReadOnlySpan<long> blockExtents)
    {
        ref ResolvedSlot slot = ref SlotOf(mapId, chunk);
        if (ResolvedSlot.IsBusy(state) || Interlocked.CompareExchange(ref slot.State, state | ResolvedSlot.Filling, state) != state)
        {
            return false;
        }

        slot.MapId = mapId;
        slot.Chunk = chunk;
        slot.Moves = moves;
        slot.Found = found;
        slot.SetExtents(blockExtents[..ChunkException.MaxBlocks]);

        // A change that ended meanwhile has raised the version too: then the answer is never given.
        slot.FilledAt = ResolvedSlot.VersionOf(state) + 1;
        Interlocked.Add(ref slot.State, ResolvedSlot.OneVersion - ResolvedSlot.Filling);
        return true;
    }

    /// <summary>The exception of a chunk in the volume's head is about to change; <see cref="EndChange"/> must follow.</summary>
    public void BeginChange(long mapId, long chunk) => Interlocked.Add(ref SlotOf(mapId, chunk).State, ResolvedSlot.OneChange);

    /// <summary>The change is made, or has failed.</summary>
    public void EndChange(long mapId, long chunk) =>
        Interlocked.Add(ref SlotOf(mapId, chunk).State, ResolvedSlot.OneVersion - ResolvedSlot.OneChange);

    /// <summary>Frees the memory; nobody is inside, and whoever comes later is told.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Neighbouring chunks of one volume lie in neighbouring slots, and never in one.</summary>
    private ref ResolvedSlot SlotOf(long mapId, long chunk)
    {
        ObjectDisposedException.ThrowIf(_slots == null, this);
        return ref _slots[((ulong)chunk + (((ulong)mapId * 0x9E37_79B9_7F4A_7C15UL) >> 20)) & _mask];
    }

    private void Free()
    {
        _slots = null;
        NativeMemory.Free(_memory);
        _memory = null;
    }
}
