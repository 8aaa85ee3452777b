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
    private long _leftGroups;

    /// <summary>
    /// Counts groups that merges took out of a lower layer, each just before it goes: a search through the layers that saw no change of it has missed
    /// nothing on its way up.
    /// </summary>
    public long LeftGroups => Volatile.Read(ref _leftGroups);

    /// <summary>Held for a move: there is one mover at a time. Inside the lock of the chunk's shard.</summary>
    public Lock Moving { get; } = new();

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

    /// <summary>Begins a move, inside of <see cref="Moving"/>.</summary>
    public void BeginMove(long chunk) => Interlocked.Increment(ref Sequence(chunk));

    /// <summary>Ends a move.</summary>
    public void EndMove(long chunk) => Interlocked.Increment(ref Sequence(chunk));

    /// <summary>
    /// Begins a change of what shows below the bottom layers, where a chunk may be any: all walks, and searches, that overlap it begin anew. Short; inside of <see cref="Moving"/>.
    /// </summary>
    public void BeginMoveOfAll()
    {
        NoteGroupLeft();
        BumpAll();
    }

    /// <summary>Ends it.</summary>
    public void EndMoveOfAll() => BumpAll();

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
