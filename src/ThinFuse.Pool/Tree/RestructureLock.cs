using System.Numerics;

namespace ThinFuse.Pool.Tree;

/// <summary>
/// A sequence lock for walks through the layers: a merge that moves a chunk's exception from one layer to the next makes walks of that chunk
/// that overlap it start again, so that none finds the exception in neither layer. What a walk found may be kept for as long as its sequence stands:
/// nothing in frozen layers changes but by moves.
/// </summary>
/// <remarks>There are enough stripes that moving a chunk disturbs only what is 65536 chunks away: what is kept of others stays.</remarks>
/// <param name="keptCount">Answers that may be kept: with fewer, fewer stripes do.</param>
internal sealed class RestructureLock(long keptCount = RestructureLock.MaxStripes)
{
    private const int MaxStripes = 1 << 16;
    private readonly long[] _sequences = new long[BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(keptCount, 1, MaxStripes))];
    private readonly Lock _moving = new();
    private long _leftGroups;

    /// <summary>
    /// Counts groups that merges took out of a lower layer, each just before it goes: a search through the layers that saw no change of it has missed
    /// nothing on its way up.
    /// </summary>
    public long LeftGroups => Volatile.Read(ref _leftGroups);

    /// <summary>Begins a walk; waits out a move under way.</summary>
    public long BeginWalk(long chunk)
    {
        SpinWait spin = default;
        while (true)
        {
            long sequence = Volatile.Read(ref Sequence(chunk));
            if ((sequence & 1) == 0)
            {
                return sequence;
            }

            spin.SpinOnce();
        }
    }

    /// <summary>Whether no move began since <see cref="BeginWalk"/> gave the sequence: what was read before this call is right.</summary>
    public bool WalkIsValid(long chunk, long sequence)
    {
        Volatile.ReadBarrier();
        return Volatile.Read(ref Sequence(chunk)) == sequence;
    }

    /// <summary>
    /// Begins a move of a chunk, alone among movers, until what it returns is disposed of. Inside the lock of the chunk's shard, so that nobody spins for long.
    /// </summary>
    public MoveScope Move(long chunk)
    {
        Lock.Scope alone = _moving.EnterScope();
        Interlocked.Increment(ref Sequence(chunk));
        return new MoveScope(this, chunk, alone);
    }

    /// <summary>
    /// The same for a change of what shows below the bottom layers, where a chunk may be any: all walks, and searches, that overlap it begin anew. Short.
    /// </summary>
    public MoveScope MoveAll()
    {
        Lock.Scope alone = _moving.EnterScope();
        NoteGroupLeft();
        BumpAll();
        return new MoveScope(this, null, alone);
    }

    /// <summary>Ends a move of a chunk, or of all; called by its scope.</summary>
    public void End(long? chunk)
    {
        if (chunk is { } moved)
        {
            Interlocked.Increment(ref Sequence(moved));
        }
        else
        {
            BumpAll();
        }
    }

    /// <summary>Says that a group of the lower layer is empty by now; its bit may be cleared afterwards.</summary>
    public void NoteGroupLeft() => Interlocked.Increment(ref _leftGroups);

    private void BumpAll()
    {
        for (int stripe = 0; stripe < _sequences.Length; stripe++)
        {
            Interlocked.Increment(ref _sequences[stripe]);
        }
    }

    private ref long Sequence(long chunk) => ref _sequences[chunk & (_sequences.Length - 1)];
}
