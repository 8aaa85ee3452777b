using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Puts what recovery changes into the table: neighbours in one step, since a journal's tail names millions of chunks one by one. Remembers the groups, as
/// the table's checkpoint no longer tells what they hold.
/// </summary>
/// <remarks>What was put last may wait for its neighbours: call <see cref="Flush"/> before the table is read.</remarks>
internal sealed class RecoveredChanges(LayerTree tree, IExceptionTable table)
{
    private readonly Dictionary<uint, GroupSet> _groups = [];
    private readonly ChunkException[] _run = new ChunkException[IExceptionTable.GroupChunks];
    private uint _layer;
    private long _firstChunk;
    private int _count;

    /// <summary>The groups of a layer that were changed.</summary>
    public GroupSet GroupsOf(uint layer)
    {
        if (!_groups.TryGetValue(layer, out GroupSet? groups))
        {
            _groups.Add(layer, groups = new GroupSet());
        }

        return groups;
    }

    /// <summary>Replaces the exception of a chunk.</summary>
    public void Put(uint layer, long chunk, ChunkException exception)
    {
        bool isNext = _count != 0 && layer == _layer && chunk == _firstChunk + _count && chunk % IExceptionTable.GroupChunks != 0;
        if (!isNext)
        {
            Flush();
            (_layer, _firstChunk) = (layer, chunk);
        }

        _run[_count++] = exception;
    }

    /// <summary>Puts what waits.</summary>
    public void Flush()
    {
        if (_count == 0)
        {
            return;
        }

        long group = _firstChunk / IExceptionTable.GroupChunks;
        if (tree.Find(_layer) is { } layer)
        {
            layer.Groups.Add(group);
            GroupsOf(_layer).Add(group);
        }

        table.PutRange(_layer, _firstChunk, _run.AsSpan(0, _count));
        _count = 0;
    }
}
