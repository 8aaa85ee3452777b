using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Recovery.Building;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery.Salvage;

/// <summary>Takes out of a table that was put together from remains whatever cannot be: broken masks, extents that do not exist, and all owners but the newest.</summary>
/// <param name="builder">The new metadata.</param>
/// <param name="source">What it was put together from.</param>
/// <param name="losses">Where losses are listed.</param>
/// <param name="stateAgain">Makes the state that the source's changes are applied to, anew.</param>
/// <param name="owned">What was owned for certain; null when that is not known.</param>
internal sealed class ExceptionSanitizer(
    PoolBuilder builder, SalvageSource source, LossList losses, Func<MetadataState> stateAgain, ExtentAllocator? owned)
{
    private const string ReadsZero = "and reads as zero";

    /// <summary>Extents that several claim, and who did so last.</summary>
    private readonly Dictionary<long, (uint Layer, long Chunk)> _claims = [];
    private OwnedBitmap _taken = new([]);

    /// <summary>Returns how many extents are owned afterwards.</summary>
    public long Run()
    {
        _taken = new OwnedBitmap(builder.State.Nodes);
        ForEach(TakeOrDrop);
        if (_claims.Count > 0)
        {
            FindNewest();
            ForEach(DropUnlessNewest);
        }

        // Where the record of the move off a retired extent is gone, the one before it counts.
        builder.State.Retired.RemoveWhere(IsOwned);
        return CountOwned();
    }

    private bool IsOwned(long extent)
    {
        bool isOwned = false;
        ForEach((Layer _, long _, in ChunkException exception) => isOwned |= exception.Extent == extent);
        return isOwned;
    }

    private void TakeOrDrop(Layer layer, long chunk, in ChunkException exception)
    {
        if (ExceptionRules.Broken(exception, builder.Geometry) is { } broken)
        {
            Drop(layer, chunk, exception, $"its record is broken ({broken}) {ReadsZero}");
        }
        else if (exception.HasExtent && !_taken.Exists(exception.Extent))
        {
            Drop(layer, chunk, exception, $"its extent does not exist {ReadsZero}");
        }
        else if (exception.HasExtent && owned is not null && !owned.IsTaken(exception.Extent))
        {
            Drop(layer, chunk, exception, $"only an old record of it is left {ReadsZero}");
        }
        else if (exception.HasExtent && !_taken.TryTake(exception.Extent))
        {
            _claims[exception.Extent] = (layer.Id, chunk);
        }
    }

    private long CountOwned()
    {
        long count = 0;
        ForEach((Layer _, long _, in ChunkException exception) => count += exception.HasExtent ? 1 : 0);
        return count;
    }

    private void FindNewest()
    {
        MetadataState scratch = stateAgain();
        source.Run(
            (key, exceptions, _) =>
            {
                for (int i = 0; i < exceptions.Length; i++)
                {
                    Note(key.Layer, (key.Group * IExceptionTable.GroupChunks) + i, exceptions[i]);
                }
            },
            Note,
            (entries, put) => scratch.Apply(entries.Span, put),
            static (_, _) => { });
    }

    private void Note(uint layer, long chunk, ChunkException exception)
    {
        if (exception.HasExtent && _claims.ContainsKey(exception.Extent) && builder.State.Tree.Find(layer) is not null)
        {
            _claims[exception.Extent] = (layer, chunk);
        }
    }

    private void DropUnlessNewest(Layer layer, long chunk, in ChunkException exception)
    {
        if (exception.HasExtent && _claims.TryGetValue(exception.Extent, out (uint Layer, long Chunk) newest) && newest != (layer.Id, chunk))
        {
            Drop(layer, chunk, exception, $"its extent has been given to another since {ReadsZero}");
        }
    }

    private void Drop(Layer layer, long chunk, in ChunkException exception, string reason)
    {
        ushort decided = (ushort)(exception.DecidedBlocks & builder.Geometry.AllBlocks);
        ushort lost = (ushort)(exception.LostBlocks & decided);
        builder.Put(layer.Id, chunk, decided == 0 ? default : new ChunkException(-1, 0, (ushort)(decided & ~lost), lostBlocks: lost));
        losses.AddChunks(layer, chunk, 1, reason);
    }

    private void ForEach(ChunkVisitor visit)
    {
        ChunkException[] exceptions = new ChunkException[IExceptionTable.GroupChunks];
        foreach (Layer layer in builder.State.Tree.Layers)
        {
            for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
            {
                builder.Table.GetGroup(layer.Id, group, exceptions);
                for (int i = 0; i < exceptions.Length; i++)
                {
                    if (!exceptions[i].IsEmpty)
                    {
                        visit(layer, (group * IExceptionTable.GroupChunks) + i, exceptions[i]);
                    }
                }
            }
        }
    }

    private delegate void ChunkVisitor(Layer layer, long chunk, in ChunkException exception);
}
