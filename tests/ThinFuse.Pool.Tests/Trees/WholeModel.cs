using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Reservations;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Everything that a pool owes its users, by name: contents, promises, holds, the ids of contents, and what is being received.</summary>
internal sealed class WholeModel
{
    private readonly SortedDictionary<string, string[]> _holds = new(StringComparer.Ordinal);

    internal ModelPool Content { get; } = new();

    internal PromiseModel Promises { get; private init; } = new();

    /// <summary>What sent or received snapshots hold, as all pools call it.</summary>
    internal Dictionary<string, Guid> ContentIds { get; private init; } = [];

    /// <summary>By the volume that it will be.</summary>
    internal Dictionary<string, ReceiveProgress> Receives { get; private init; } = [];

    internal IEnumerable<string> Names => Content.Files.Keys;

    /// <summary>Whether a file cannot be written: a snapshot, but for those that workloads make writable and name so.</summary>
    internal static bool IsReadOnly(string name) => name.Contains('@', StringComparison.Ordinal) && !name.Contains("@w", StringComparison.Ordinal);

    /// <summary>A state that later changes leave alone.</summary>
    internal WholeModel Freeze()
    {
        WholeModel copy = new() { Promises = Promises.Copy(), ContentIds = new(ContentIds), Receives = new(Receives) };
        foreach ((string name, byte[] content) in Content.Files)
        {
            copy.Content.Files[name] = content;
        }

        foreach ((string name, string[] holders) in _holds)
        {
            copy._holds[name] = holders;
        }

        return copy;
    }

    /// <summary>The same of files that hold what a pool's files of these names do.</summary>
    internal WholeModel WithContentOf(ThinPool pool)
    {
        WholeModel copy = Freeze();
        foreach (string name in Names)
        {
            copy.Content.Files[name] = PoolContent.Read(pool, name);
        }

        return copy;
    }

    internal string[] HoldersOf(string name) => _holds.GetValueOrDefault(name, []);

    internal void Hold(string name, string by) => _holds[name] = [.. HoldersOf(name).Append(by).Order(StringComparer.Ordinal)];

    internal void Release(string name, string by) => _holds[name] = [.. HoldersOf(name).Where(holder => holder != by)];

    /// <summary>Whether a stream is being received under this name.</summary>
    internal bool IsReceiving(string name) => Receives.Values.Any(receive => receive.File == name);

    internal void Forget(string name)
    {
        Content.Files.Remove(name);
        Promises.Forget(name);
        ContentIds.Remove(name);
        _holds.Remove(name);
        foreach (string target in Receives.Keys.Where(target => Receives[target].File == name).ToArray())
        {
            Receives.Remove(target);
        }
    }

    internal void Rename(string from, string to)
    {
        Content.Files[to] = Content[from];
        Promises.Rename(from, to);
        _holds[to] = HoldersOf(from);
        if (ContentIds.TryGetValue(from, out Guid id))
        {
            ContentIds[to] = id;
        }

        foreach ((string target, ReceiveProgress receive) in Receives.Where(pair => pair.Value.File == from).ToArray())
        {
            Receives[target] = receive with { File = to };
        }

        Forget(from);
    }

    /// <summary>Takes back what is promised for chunks behind a volume's end.</summary>
    internal void CutPromise(string name, Geometry geometry) =>
        Promises.Release(name, chunk => chunk >= geometry.ChunksFor(Content[name].Length));

    /// <summary>Whether names, sizes, holds, promises, ids of contents and receives of a pool are these; contents aside.</summary>
    internal bool DescribesMetadataOf(ThinPool pool) => !DifferencesOf(pool).Any();

    /// <summary>In what a pool's names, sizes, holds, promises, ids of contents and receives differ from these.</summary>
    internal IEnumerable<string> DifferencesOf(ThinPool pool)
    {
        VolumeInfo[] volumes = [.. pool.Volumes(withExclusive: false)];
        if (!volumes.Select(info => info.Name).SequenceEqual(Names))
        {
            return [$"{string.Join(" ", volumes.Select(info => info.Name))} instead of {string.Join(" ", Names)}"];
        }

        return volumes.Where(info => info.SizeBytes != Content[info.Name].Length).Select(info => $"the size of {info.Name}")
            .Concat(volumes.Where(info => !info.Holds.Select(hold => hold.Name).SequenceEqual(HoldersOf(info.Name))).Select(info => $"who holds {info.Name}"))
            .Concat(volumes.Where(info => pool.Core.Metadata.Transfers.ContentIdOf(info.Id) != IdOf(info.Name)).Select(info => $"the id of what {info.Name} holds"))
            .Concat(Promises.Describes(pool) ? [] : ["what is promised"])
            .Concat(pool.Core.Metadata.Transfers.Receives.Where(receive => !Receives.ContainsKey(receive.Target)).Select(receive => $"{receive.Target} is received"))
            .Concat(Receives.Where(pair => pool.FindReceive(pair.Key) != Describe(pair.Value)).Select(pair => $"what is received for {pair.Key}"));
    }

    private Guid? IdOf(string name) => ContentIds.TryGetValue(name, out Guid id) ? id : null;

    private static ReceiveInfo Describe(ReceiveProgress receive) => new(receive.File, receive.Snapshot, receive.Token, IsComplete: false);
}
