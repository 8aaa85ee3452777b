using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>
/// What a pool may hold after a crash: the names of one of the states, each name with a size it has in one of them, each sector as it is in one of them.
/// </summary>
/// <remarks>Compares spans and says what is wrong as text: it runs for every crash state, and most of the time nothing is.</remarks>
internal sealed class AllowedStates
{
    private static readonly byte[] ZeroSector = new byte[Geometry.SectorBytes];

    private readonly List<string[]> _names = [];
    private readonly Dictionary<string, List<byte[]>> _contents = new(StringComparer.Ordinal);

    internal AllowedStates(string where, IReadOnlyList<SortedDictionary<string, byte[]>> states)
    {
        Where = where;
        foreach (SortedDictionary<string, byte[]> state in states)
        {
            if (!_names.Exists(names => names.AsSpan().SequenceEqual([.. state.Keys])))
            {
                _names.Add([.. state.Keys]);
            }

            foreach ((string name, byte[] content) in state)
            {
                if (!_contents.TryGetValue(name, out List<byte[]>? contents))
                {
                    _contents.Add(name, contents = []);
                }

                if (!contents.Contains(content))
                {
                    contents.Add(content);
                }
            }
        }
    }

    /// <summary>Tells those of one history apart.</summary>
    internal int Id { get; init; }

    /// <summary>Which steps it is about, for messages.</summary>
    internal string Where { get; }

    /// <summary>How the pool differs from what is allowed; null when it does not.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="buffer">Scratch space for a whole file.</param>
    internal string? Violation(ThinPool pool, byte[] buffer)
    {
        IReadOnlyList<VolumeInfo> volumes = pool.Volumes(withExclusive: false);
        if (!_names.Exists(names => IsSame(names, volumes)))
        {
            return $"the names are {string.Join(", ", volumes.Select(volume => volume.Name))}";
        }

        foreach (VolumeInfo volume in volumes)
        {
            using VolumeHandle handle = pool.Open(volume.Id);
            Span<byte> content = buffer.AsSpan(0, (int)volume.SizeBytes);
            if (handle.Read(0, content) != content.Length)
            {
                return $"{volume.Name} of {content.Length} bytes cannot be read to its end";
            }

            if (Violation(volume.Name, content) is { } violation)
            {
                return violation;
            }
        }

        return null;
    }

    /// <summary>How the content of a file differs from what is allowed; null when it does not.</summary>
    internal string? Violation(string name, ReadOnlySpan<byte> content)
    {
        List<byte[]> candidates = _contents[name];
        bool hasLength = false;
        foreach (byte[] candidate in candidates)
        {
            if (candidate.AsSpan().SequenceEqual(content))
            {
                return null;
            }

            hasLength |= candidate.Length == content.Length;
        }

        if (!hasLength)
        {
            return $"{name} has {content.Length} bytes";
        }

        for (int at = 0; at < content.Length; at += Geometry.SectorBytes)
        {
            if (!IsAllowed(candidates, at, content.Slice(at, Geometry.SectorBytes)))
            {
                return $"{name} at {at} holds {content[at]:x2}.., which none of {candidates.Count} states allows";
            }
        }

        return null;
    }

    private static bool IsAllowed(List<byte[]> candidates, int at, ReadOnlySpan<byte> sector)
    {
        foreach (byte[] candidate in candidates)
        {
            ReadOnlySpan<byte> there = at < candidate.Length ? candidate.AsSpan(at, Geometry.SectorBytes) : ZeroSector;
            if (there.SequenceEqual(sector))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSame(string[] names, IReadOnlyList<VolumeInfo> volumes)
    {
        bool isSame = names.Length == volumes.Count;
        for (int i = 0; isSame && i < names.Length; i++)
        {
            isSame = names[i] == volumes[i].Name;
        }

        return isSame;
    }
}
