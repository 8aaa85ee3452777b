using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Transfer;
using ThinFuse.Pool.Transfer;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Streams on their way between pools, and what every content is that has an id.</summary>
internal sealed class StreamShelf
{
    private const int MaxStreams = 16;
    private readonly List<ShelvedStream> _streams = [];
    private readonly List<WorkloadContext> _pools = [];
    private readonly Dictionary<Guid, byte[]> _contents = [];

    internal IReadOnlyList<ShelvedStream> Streams => _streams;

    /// <summary>The same streams, for other pools.</summary>
    internal StreamShelf Copy()
    {
        StreamShelf copy = new();
        copy._streams.AddRange(_streams);
        foreach ((Guid id, byte[] content) in _contents)
        {
            copy._contents[id] = content;
        }

        return copy;
    }

    /// <summary>A pool that streams come from.</summary>
    internal void Add(WorkloadContext pool) => _pools.Add(pool);

    internal void Add(ShelvedStream stream)
    {
        _streams.Add(stream);
        if (_streams.Count > MaxStreams)
        {
            _streams.RemoveAt(0);
        }
    }

    internal ShelvedStream? Find(Guid contentId, Guid baseId) =>
        _streams.Find(stream => stream.ContentId == contentId && stream.BaseId == baseId);

    /// <summary>Two snapshots whose contents have one id hold the same.</summary>
    internal void MustBe(Guid contentId, byte[] content)
    {
        if (!_contents.TryAdd(contentId, content))
        {
            PoolContent.Difference(_contents[contentId], content).Should().BeNull($"content {contentId}");
        }
    }

    /// <summary>The rest of a stream, from a pool that still has what it is of; null when none has.</summary>
    internal byte[]? SendRest(ResumeToken token)
    {
        foreach (WorkloadContext pool in _pools)
        {
            string? snapshot = NameOf(pool.Model, token.ContentId);
            string? from = token.BaseId == Guid.Empty ? null : NameOf(pool.Model, token.BaseId);
            if (snapshot is null || (from is null && token.BaseId != Guid.Empty))
            {
                continue;
            }

            try
            {
                return Wire.Send(pool.Test, snapshot, from, token);
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.Usage && from is not null)
            {
                // It has both, received one by one, and cannot tell what changed between them.
            }
        }

        return null;
    }

    private static string? NameOf(WholeModel model, Guid contentId) =>
        model.ContentIds.Where(pair => pair.Value == contentId).Select(pair => pair.Key).Order(StringComparer.Ordinal).FirstOrDefault();
}
