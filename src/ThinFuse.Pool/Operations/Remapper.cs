using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>
/// Moves what a layer holds of a chunk to another extent, beside its readers, and retires an extent that cannot be written. Knows nothing of snapshots: a
/// claim on the whole chunk keeps writers away, and one record says the new place and what became of the old one. Thread-safe.
/// </summary>
/// <remarks>
/// Whoever calls it is inside the gate of the volume whose head the layer is, or has the reclaimer's turn, so that the layer is neither frozen nor merged
/// meanwhile; and holds no claim. It blocks for I/O and for those who hold claims.
/// </remarks>
internal sealed class Remapper(PoolCore core)
{
    /// <summary>Extents that are tried for a chunk, before the node is taken to refuse everything.</summary>
    private const int MaxTargets = 3;

    /// <summary>As the other, for the head of a volume whose gate is passed unless the caller holds it.</summary>
    public bool TryReplace(Volume volume, long chunk, long badExtent, bool gateIsHeld = false)
    {
        if (!gateIsHeld)
        {
            volume.Gate.Enter();
        }

        try
        {
            return TryReplace(volume.Head, chunk, badExtent);
        }
        finally
        {
            if (!gateIsHeld)
            {
                volume.Gate.Exit();
            }
        }
    }

    /// <summary>
    /// Gets a chunk off an extent that a write has failed on, if it still is there, and puts the extent out of use for good: durable with the next commit, and
    /// before anything that is written to the new one is. Blocks that cannot be read are lost from then on, and read as errors.
    /// </summary>
    /// <returns>False, and nothing has changed: the node of an extent that is the chunk's has failed, or nothing is free that can be written.</returns>
    /// <exception cref="PoolException">The pool failed.</exception>
    public bool TryReplace(Layer layer, long chunk, long badExtent)
    {
        core.Health.ThrowIfFailed();
        if (!core.Nodes.Locate(badExtent).Node.Answers())
        {
            // Nothing can be moved off it; but what is not on it yet finds a place elsewhere.
            return core.Table.Get(layer.Id, chunk).Extent != badExtent;
        }

        List<long> alsoBad = [];
        ushort lost = 0;
        ChunkClaim claim = core.Pending.ClaimWhole(layer, chunk);
        bool isOwner = claim.Before.Extent == badExtent;
        try
        {
            if (!TryMove(claim, isOwner, alsoBad, out lost))
            {
                return false;
            }
        }
        finally
        {
            core.Pending.Settle(claim);
        }

        if (isOwner)
        {
            Tell(badExtent, layer, chunk, lost);
        }
        else
        {
            // It was held for a write that has let go of it, and perhaps belongs to another by now, who will find out.
            alsoBad.Add(badExtent);
        }

        alsoBad.ForEach(RetireFree);
        return true;
    }

    /// <summary>Finds an extent that takes a write, which proves that the node does, and moves there what is on the bad one.</summary>
    private bool TryMove(in ChunkClaim claim, bool isOwner, List<long> alsoBad, out ushort lost)
    {
        lost = 0;
        for (int i = 0; i < MaxTargets; i++)
        {
            long target = core.Pending.OtherExtentFor(claim);
            if (target < 0)
            {
                return false;
            }

            try
            {
                Prove(target);
                if (isOwner)
                {
                    lost = Copy(claim, target);
                    Publish(claim, target, lost);
                }

                return true;
            }
            catch (StorageException e) when (e.BadExtent == target)
            {
                alsoBad.Add(target);
            }
        }

        return false;
    }

    private void Prove(long target)
    {
        using AlignedBuffer zeros = new(core.Geometry.BlockBytes);
        zeros.Span.Clear();
        (Node node, long offsetBytes) = core.Nodes.Locate(target);
        node.WriteTwice(offsetBytes, zeros.Span);
    }

    /// <summary>Copies block by block what can be read; returns the blocks that cannot.</summary>
    /// <exception cref="StorageException">The target cannot be written, or the node of the source has ceased to answer.</exception>
    private ushort Copy(in ChunkClaim claim, long target)
    {
        int blockBytes = core.Geometry.BlockBytes;
        (Node from, long fromOffset) = core.Nodes.Locate(claim.Before.Extent);
        (Node to, long toOffset) = core.Nodes.Locate(target);
        long sizeBytes = claim.Layer.Writer?.Record.SizeBytes ?? long.MaxValue;
        using AlignedBuffer buffer = new(blockBytes);
        ushort lost = 0;
        for (int rest = claim.Before.PresentBlocks; rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            try
            {
                from.Read(fromOffset + ((long)block * blockBytes), buffer.Span);
            }
            catch (StorageException e) when (e.IsMediumError && from.Answers())
            {
                lost |= (ushort)(1 << block);
                continue;
            }

            // What a write that came to nothing left behind the end does not go along.
            long usedBytes = sizeBytes - (claim.Chunk << core.Geometry.ChunkShift) - ((long)block * blockBytes);
            buffer.Span[(int)Math.Clamp(usedBytes, 0, blockBytes)..].Clear();
            to.WriteTwice(toOffset + ((long)block * blockBytes), buffer.Span);
        }

        return lost;
    }

    private void Publish(in ChunkClaim claim, long target, ushort lost)
    {
        ChunkException before = claim.Before;
        ushort present = (ushort)(before.PresentBlocks & ~lost);
        ChunkException next = new(present == 0 ? -1 : target, present, before.ZeroBlocks, before.Flags, (ushort)(before.LostBlocks | lost));
        lock (core.MetadataLock)
        {
            lock (core.Pending.LockOf(claim.Layer, claim.Chunk))
            {
                // As for a change in a frozen layer, whatever the layer is: what is kept of walks must not outlive it.
                using MoveScope move = core.Moves.Move(claim.Chunk);
                core.Pending.PublishRemap(claim, next);
            }
        }
    }

    /// <summary>Puts an extent out of use that nobody owns or holds, if that is so.</summary>
    private void RetireFree(long extent)
    {
        lock (core.MetadataLock)
        {
            if (!core.Extents.TryTakeToRetire(extent))
            {
                return;
            }

            Span<byte> buffer = stackalloc byte[16];
            EntryWriter entry = new(buffer);
            entry.RetiredPut(extent);
            try
            {
                core.Change(entry.Written);
            }
            catch
            {
                core.Extents.Unretire(extent);
                throw;
            }
        }

        Tell(extent);
    }

    private void Tell(long extent, Layer layer, long chunk, ushort lost)
    {
        string whose = layer.Writer?.Record.Name ?? $"layer {layer.Id}";
        string places = string.Join(", ", Blocks(lost).Select(block => (chunk << core.Geometry.ChunkShift) + ((long)block * core.Geometry.BlockBytes)));
        Tell(extent, lost == 0
            ? $"what {whose} has at offset {chunk << core.Geometry.ChunkShift} was moved off it"
            : $"of what {whose} has at offset {chunk << core.Geometry.ChunkShift}, {BitOperations.PopCount(lost)} blocks of {core.Geometry.BlockBytes} bytes are lost, and reading them is an error until they are written: offset {places}");
    }

    private void Tell(long extent, string? what = null)
    {
        (Node node, long offsetBytes) = core.Nodes.Locate(extent);
        string message = $"node {node.Id} ({node.Path}) cannot be written at {node.Id}:{offsetBytes}; that extent is retired{(what is null ? "" : $", and {what}")}";
        core.Health.Raise(PoolEvent.Now(PoolEventKinds.NodeFault, message) with { Node = node.Id, Count = 1 });
    }

    private static IEnumerable<int> Blocks(ushort mask) => Enumerable.Range(0, ChunkException.MaxBlocks).Where(block => (mask & (1 << block)) != 0);
}
