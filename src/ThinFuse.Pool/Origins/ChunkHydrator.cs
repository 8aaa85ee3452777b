using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Pending;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Origins;

/// <summary>Copies a chunk of an external origin into the layer that reads through to it, beside reads and writes of everything above.</summary>
/// <remarks>
/// It is copied under a claim, and inside the gate when the layer is a volume's head, so that a write beside it is not lost. What readers see is the same before
/// and after. The caller sees to it that the layer is neither merged nor dropped meanwhile.
/// </remarks>
internal sealed class ChunkHydrator(PoolCore core, BounceBuffers bounces)
{
    /// <summary>Copies the blocks of a chunk that the layer does not decide and that are no hole of the origin.</summary>
    /// <param name="layer">The layer that reads through to the origin.</param>
    /// <param name="origin">The origin.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="copiedBytes">What was copied; 0 where writes came first.</param>
    /// <returns>False when there is no extent, or writes wait for it.</returns>
    /// <exception cref="PoolException">Failed: the origin or a node refused, or a strict pool has not promised it.</exception>
    /// <exception cref="StorageException">The host is full.</exception>
    public bool TryCopy(Layer layer, OriginRecord origin, long chunk, out long copiedBytes)
    {
        // A layer that has no writer is frozen, and stays so; one that has is left by it only with the gate closed.
        Volume? writer;
        while ((writer = layer.Writer) is not null)
        {
            writer.Gate.Enter();
            if (layer.Writer == writer)
            {
                break;
            }

            writer.Gate.Exit();
        }

        try
        {
            return TryCopyInside(layer, origin, chunk, isFrozen: writer is null, out copiedBytes);
        }
        finally
        {
            writer?.Gate.Exit();
        }
    }

    /// <summary>Copies; a chunk whose extent cannot be written is moved off it first.</summary>
    private bool TryCopyInside(Layer layer, OriginRecord origin, long chunk, bool isFrozen, out long copiedBytes)
    {
        Replacing replacing = new(core.Remaps);
        while (true)
        {
            try
            {
                return TryCopyClaimed(layer, origin, chunk, isFrozen, out copiedBytes);
            }
            catch (StorageException e) when (replacing.Takes(e))
            {
                // Outside, where nothing is claimed.
            }
            catch (StorageException e) when (!e.IsNoSpace)
            {
                throw new PoolException(PoolErrorKind.Failed, $"offset {chunk << core.Geometry.ChunkShift}: {e.Message}", e);
            }

            replacing.Replace(layer, chunk);
        }
    }

    private bool TryCopyClaimed(Layer layer, OriginRecord origin, long chunk, bool isFrozen, out long copiedBytes)
    {
        copiedBytes = 0;
        ChunkClaim claim = core.Pending.ClaimWhole(layer, chunk);
        try
        {
            ExternalOrigin file = core.Origins.Find(origin.Id)!;
            ushort missing = MissingBlocks(origin, file, chunk, claim.Before);
            if (missing == 0)
            {
                return true;
            }

            bool isArrival = isFrozen && !claim.Before.HasExtent;
            if (isArrival)
            {
                BeginArrival();
            }

            try
            {
                return TryCopyMissing(claim with { Exclusive = missing }, file, isFrozen, out copiedBytes);
            }
            finally
            {
                if (isArrival)
                {
                    EndArrival();
                }
            }
        }
        finally
        {
            core.Pending.Settle(claim);
        }
    }

    private bool TryCopyMissing(in ChunkClaim claim, ExternalOrigin file, bool isFrozen, out long copiedBytes)
    {
        copiedBytes = 0;

        // Writes that wait for space come first.
        long extent = core.SpaceQueue.IsEmpty ? core.Pending.ExtentFor(claim) : -1;
        if (extent < 0)
        {
            return false;
        }

        Copy(file, claim.Chunk, claim.Exclusive, extent);
        Publish(claim with { Extent = extent }, isFrozen);
        copiedBytes = (long)BitOperations.PopCount(claim.Exclusive) * core.Geometry.BlockBytes;
        return true;
    }

    /// <summary>
    /// What a volume's own layer gets falls under its size, which a strict pool has promised; what a frozen one gets is promised to nobody. Free extents
    /// do not help there, so that is no want of space that ends by itself.
    /// </summary>
    private void BeginArrival()
    {
        try
        {
            lock (core.MetadataLock)
            {
                core.Strict.BeginArrival();
            }
        }
        catch (PoolException refusal) when (refusal.Kind == PoolErrorKind.NoSpace)
        {
            throw new PoolException(PoolErrorKind.Failed, $"{refusal.Message}, and hydrate again", refusal);
        }
    }

    private void EndArrival()
    {
        lock (core.MetadataLock)
        {
            core.Strict.EndArrival();
        }
    }

    /// <summary>Blocks that the layer does not decide and that are no hole of the origin.</summary>
    private ushort MissingBlocks(OriginRecord origin, ExternalOrigin file, long chunk, in ChunkException before)
    {
        ushort missing = (ushort)(core.Origins.BlocksOf(origin, chunk) & ~before.DecidedBlocks);
        for (int rest = missing; rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            long start = (chunk << core.Geometry.ChunkShift) + ((long)block * core.Geometry.BlockBytes);
            if (file.IsHole(start, start + core.Geometry.BlockBytes))
            {
                missing &= (ushort)~(1 << block);
            }
        }

        return missing;
    }

    /// <summary>Copies runs of blocks.</summary>
    private void Copy(ExternalOrigin file, long chunk, ushort missing, long extent)
    {
        int blockBytes = core.Geometry.BlockBytes;
        (Node target, long targetOffset) = core.Nodes.Locate(extent);
        AlignedBuffer bounce = bounces.Rent();
        try
        {
            int mostBlocks = bounce.LengthBytes / blockBytes;
            for (int rest = missing; rest != 0;)
            {
                int first = BitOperations.TrailingZeroCount(rest);
                int count = Math.Min(mostBlocks, BitOperations.TrailingZeroCount(~(rest >> first)));
                Span<byte> piece = bounce.Span[..(count * blockBytes)];
                file.ReadShown((chunk << core.Geometry.ChunkShift) + ((long)first * blockBytes), piece);
                target.WriteTwice(targetOffset + ((long)first * blockBytes), piece);
                rest &= ~(((1 << count) - 1) << first);
            }
        }
        finally
        {
            bounces.Return(bounce);
        }
    }

    private void Publish(in ChunkClaim claim, bool isFrozen)
    {
        Span<byte> record = stackalloc byte[EntryWriter.ExceptionEntryBytes + 64];
        if (!isFrozen)
        {
            core.Pending.Publish([claim], record, null);
            return;
        }

        // A change in a frozen layer, which what is kept of walks must not outlive.
        lock (core.Pending.LockOf(claim.Layer, claim.Chunk))
        {
            using MoveScope move = core.Moves.Move(claim.Chunk);
            core.Pending.Publish([claim], record, null);
        }
    }
}
