using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery.Dumping;

/// <summary>
/// Writes all metadata of an open pool as text, in an order that depends on nothing but its content. All changes wait meanwhile, so the writer must wait for
/// nobody. See <see cref="DumpText"/> for the lines.
/// </summary>
internal sealed class PoolDumper(PoolCore core, TextWriter writer)
{
    private const string NewLine = "\n";
    private ChunkException _first;
    private ChunkException _last;
    private uint _layer;
    private long _chunk;
    private long _count;
    private long _runs;

    public void Run()
    {
        lock (core.MetadataLock)
        {
            core.Pending.LockAll();
            try
            {
                MetadataState state = core.Metadata;
                Line(DumpText.Pool(core.Id, core.Geometry.ChunkBytes, state));
                WriteEntries(MetadataImage.ListEntries(state), LevelsOf(state.Tree));
                foreach (Layer layer in state.Tree.Layers.OrderBy(layer => layer.Id))
                {
                    WriteLayer(layer);
                }

                Line(DumpText.End(_runs));
                writer.Flush();
            }
            finally
            {
                core.Pending.UnlockAll();
            }
        }
    }

    /// <summary>Nodes and settings as they come, layers from below, volumes by id, and the rest by kind and content.</summary>
    private void WriteEntries(EntryList entries, Dictionary<uint, int> levels)
    {
        List<(int Rank, long First, long Second, byte[] Bytes)> sorted = [];
        for (int i = 0; i < entries.Count; i++)
        {
            byte[] bytes = entries[i].ToArray();
            EntryReader reader = new(bytes);
            EntryKind kind = reader.Kind();
            sorted.Add(kind switch
            {
                EntryKind.NodePut => (0, i, 0, bytes),
                EntryKind.SettingsPut => (1, i, 0, bytes),
                EntryKind.LayerPut when reader.Layer() is { } layer => (2, levels[layer.Id], layer.Id, bytes),
                EntryKind.VolumePut => (3, (long)reader.Volume().Id, 0, bytes),
                _ => (4, (long)kind, 0, bytes),
            });
        }

        sorted.Sort(static (one, other) =>
        {
            int order = (one.Rank, one.First, one.Second).CompareTo((other.Rank, other.First, other.Second));
            return order != 0 ? order : one.Bytes.AsSpan().SequenceCompareTo(other.Bytes);
        });
        foreach (var entry in sorted)
        {
            Line(DumpText.Entry(entry.Bytes));
        }
    }

    private static Dictionary<uint, int> LevelsOf(LayerTree tree)
    {
        Dictionary<uint, int> levels = [];
        Queue<(Layer Layer, int Level)> open = new(tree.Layers.Where(layer => layer.Parent is null).Select(layer => (layer, 0)));
        while (open.TryDequeue(out (Layer Layer, int Level) next))
        {
            levels[next.Layer.Id] = next.Level;
            next.Layer.Children.ForEach(child => open.Enqueue((child, next.Level + 1)));
        }

        return levels;
    }

    private void WriteLayer(Layer layer)
    {
        Span<ChunkException> exceptions = stackalloc ChunkException[IExceptionTable.GroupChunks];
        for (long group = 0; (group = layer.Groups.NextAtOrAfter(group)) >= 0; group++)
        {
            core.Table.GetGroup(layer.Id, group, exceptions);
            for (int i = 0; i < exceptions.Length; i++)
            {
                if (!exceptions[i].IsEmpty)
                {
                    Add(layer.Id, (group * IExceptionTable.GroupChunks) + i, exceptions[i]);
                }
            }
        }

        EndRun();
    }

    private void Add(uint layer, long chunk, in ChunkException exception)
    {
        bool continues = _count > 0 && layer == _layer && chunk == _chunk + _count
            && exception.PresentBlocks == _first.PresentBlocks && exception.ZeroBlocks == _first.ZeroBlocks
            && exception.LostBlocks == _first.LostBlocks && exception.Flags == _first.Flags
            && exception.HasExtent == _first.HasExtent && (!exception.HasExtent || IsNext(_last.Extent, exception.Extent));
        if (!continues)
        {
            EndRun();
            (_layer, _chunk, _first) = (layer, chunk, exception);
        }

        _last = exception;
        _count++;
    }

    private static bool IsNext(long extent, long next) => next == extent + 1 && ExtentAddress.NodeOf(next) == ExtentAddress.NodeOf(extent);

    private void EndRun()
    {
        if (_count > 0)
        {
            Line(DumpText.Run(_layer, _chunk, _count, _first));
            _runs++;
            _count = 0;
        }
    }

    private void Line(string line)
    {
        writer.Write(line);
        writer.Write(NewLine);
    }
}
