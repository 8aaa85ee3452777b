using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>Collects problems, up to a bound, and says which volumes they touch. Not thread-safe.</summary>
internal sealed class ProblemList
{
    private const int MaxProblems = 100;
    private readonly List<CheckProblem> _problems = [];

    public IReadOnlyList<CheckProblem> All => _problems;

    /// <summary>Whether no more are taken, so that looking for more is of no use.</summary>
    public bool IsFull => _problems.Count == MaxProblems;

    public void Add(string kind, string message, string? volume = null, long? offsetBytes = null)
    {
        if (!IsFull)
        {
            _problems.Add(new CheckProblem(kind, message.ReplaceLineEndings(" "), volume, offsetBytes));
        }
    }

    /// <summary>Adds one about a chunk of a layer.</summary>
    public void AddAt(MetadataState state, Geometry geometry, Layer layer, long chunk, string kind, string message)
    {
        if (IsFull)
        {
            return;
        }

        IReadOnlyList<string> names = LayerReaders.NamesOf(state, layer);
        long offsetBytes = chunk << geometry.ChunkShift;
        string where = names.Count == 0
            ? $"layer {layer.Id} (of no volume) offset {offsetBytes}"
            : $"{LayerReaders.Text(names)} offset {offsetBytes} (layer {layer.Id})";
        Add(kind, $"{where}: {message}", names.FirstOrDefault(), names.Count == 0 ? null : offsetBytes);
    }
}
