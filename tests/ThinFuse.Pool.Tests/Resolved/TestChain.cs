using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>A volume on top of some layers, without a pool: what is done to it is done step by step, in the order that the engine keeps.</summary>
internal sealed class TestChain : IDisposable
{
    internal const ushort AllBlocks = ushort.MaxValue;
    private readonly LayerTree _tree = new();
    private uint _lastLayer;

    /// <summary>Makes layers, the uppermost of which is the volume's head.</summary>
    internal TestChain(int depth, int mapSlots = 1024)
    {
        Map = new ResolvedMap((long)mapSlots * ResolvedSlot.Bytes, Moves);
        Reader = new ChainReader(Table, Moves, Map, Origins, AllBlocks);
        for (int i = 0; i < depth; i++)
        {
            AddLayer(long.MaxValue);
        }

        VolumeRecord record = new(1, "vm1", VolumeKind.Volume, _lastLayer, 1L << 40, 0, 0, 0, 0);
        Volume = new Volume(record, Layer(_lastLayer));
    }

    internal HookedTable Table { get; } = new();

    internal RestructureLock Moves { get; } = new();

    internal OriginSet Origins { get; } = new(new Geometry(64 << 10));

    internal ResolvedMap Map { get; }

    internal ChainReader Reader { get; }

    internal Volume Volume { get; }

    internal LayerTree Tree => _tree;

    internal Layer Layer(uint id) => _tree.Find(id)!;

    /// <summary>Where each block of a chunk is, as a reader finds it.</summary>
    internal long[] Read(long chunk, ushort wanted = AllBlocks)
    {
        long[] extents = new long[ChunkException.MaxBlocks];
        ushort found = Reader.Resolve(Volume, chunk, wanted, extents);
        for (int block = 0; block < extents.Length; block++)
        {
            if ((wanted & (1 << block)) == 0)
            {
                extents[block] = long.MinValue;
            }
            else
            {
                ((found & (1 << block)) != 0).Should().Be(extents[block] >= 0, $"block {block} of chunk {chunk}");
            }
        }

        return extents;
    }

    /// <summary>One extent for all blocks, as <see cref="Read"/> gives it.</summary>
    internal static long[] All(long extent) => [.. Enumerable.Repeat(extent, ChunkException.MaxBlocks)];

    internal static ChunkException Whole(long extent) => new(extent, AllBlocks, 0);

    /// <summary>Puts what a layer has held since before anybody read.</summary>
    internal void Put(uint layer, long chunk, ChunkException exception)
    {
        Layer(layer).Groups.Add(chunk / IExceptionTable.GroupChunks);
        Table.Put(layer, chunk, exception);
    }

    /// <summary>Publishes into the head as a write does.</summary>
    internal void Publish(long chunk, ChunkException exception)
    {
        long mapId = Volume.View.MapId;
        Map.BeginChange(mapId, chunk);
        Put(Volume.Head.Id, chunk, exception);
        Map.EndChange(mapId, chunk);
    }

    /// <summary>Moves a chunk's exception a layer up, as a merge does, perhaps to another extent.</summary>
    internal void Move(uint from, uint to, long chunk, long extent)
    {
        using MoveScope move = Moves.Move(chunk);
        Put(to, chunk, Whole(extent));
        Table.Put(from, chunk, default);
    }

    /// <summary>Ends the merge of a layer into the one above.</summary>
    internal void EndMerge(uint from, uint to)
    {
        Moves.NoteGroupLeft();
        Layer(from).Groups.Remove(0);
        LayerRecord below = Layer(from).Record;
        _tree.Put(Layer(to).Record with { ParentId = below.ParentId, VisibleChunks = Math.Min(Layer(to).VisibleChunks, below.VisibleChunks) });
        _tree.Remove(from);
    }

    /// <summary>Freezes the head and puts a fresh one on it.</summary>
    internal void Snapshot()
    {
        AddLayer(long.MaxValue);
        Volume.MoveTo(Layer(_lastLayer));
    }

    public void Dispose() => Map.Dispose();

    private void AddLayer(long visibleChunks)
    {
        _tree.Put(new LayerRecord(_lastLayer + 1, _lastLayer, visibleChunks));
        _lastLayer++;
    }
}
