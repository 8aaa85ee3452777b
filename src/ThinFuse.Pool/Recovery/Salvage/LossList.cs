using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery.Salvage;

/// <summary>Collects losses; neighbouring chunks of a layer that were lost in the same way become one. Call <see cref="End"/> at last.</summary>
internal sealed class LossList(MetadataState state, Geometry geometry)
{
    private const int MaxLosses = 1000;
    private readonly List<RepairLoss> _losses = [];
    private Layer? _layer;
    private string _reason = "";
    private long _chunk;
    private long _chunks;

    public long Count { get; private set; }

    public IReadOnlyList<RepairLoss> All => _losses;

    /// <summary>Something that is no chunk.</summary>
    public void Add(string message, params IReadOnlyList<string> volumes)
    {
        End();
        Put(new RepairLoss(message.ReplaceLineEndings(" "), volumes));
    }

    /// <summary>So many chunks of a layer.</summary>
    public void AddChunks(Layer layer, long chunk, long count, string reason)
    {
        if (_layer != layer || _reason != reason || chunk != _chunk + _chunks)
        {
            End();
            (_layer, _reason, _chunk) = (layer, reason, chunk);
        }

        _chunks += count;
    }

    /// <summary>Completes the range that was being collected.</summary>
    public void End()
    {
        if (_layer is not { } layer || _chunks == 0)
        {
            return;
        }

        long offsetBytes = _chunk << geometry.ChunkShift;
        long lengthBytes = _chunks << geometry.ChunkShift;
        IReadOnlyList<string> names = LayerReaders.NamesOf(state, layer);
        string whose = names.Count == 0 ? $"layer {layer.Id}" : LayerReaders.Text(names);
        Put(new RepairLoss($"{whose} offset {offsetBytes} length {lengthBytes}: {_reason}", names, offsetBytes, lengthBytes));
        (_layer, _chunks) = (null, 0);
    }

    private void Put(RepairLoss loss)
    {
        Count++;
        if (_losses.Count < MaxLosses)
        {
            _losses.Add(loss);
        }
    }
}
