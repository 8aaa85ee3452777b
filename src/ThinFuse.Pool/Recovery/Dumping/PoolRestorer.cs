using System.Globalization;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Recovery.Building;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery.Dumping;

/// <summary>Builds a pool's metadata from a dump, line by line.</summary>
internal sealed class PoolRestorer : IDisposable
{
    private readonly IStorage _storage;
    private readonly PoolRestoreOptions _options;
    private PoolBuilder? _builder;
    private OwnedBitmap? _owned;
    private long _runs;
    private bool _ended;

    private PoolRestorer(IStorage storage, PoolRestoreOptions options)
    {
        _storage = storage;
        _options = options;
    }

    /// <summary>Restores into a storage that holds no pool; durable when it returns.</summary>
    /// <exception cref="PoolException">Damaged: the dump, or a node; nothing is left behind. Usage: not as many nodes as in the dump. NoSpace.</exception>
    public static void Run(TextReader dump, IStorage storage, PoolRestoreOptions options)
    {
        using PoolRestorer restorer = new(storage, options);
        restorer.Run(dump);
    }

    public void Dispose() => _builder?.Dispose();

    private void Run(TextReader dump)
    {
        long number = 0;
        try
        {
            while (dump.ReadLine() is { } text)
            {
                number++;
                Take(new DumpLine(text));
            }

            if (!_ended)
            {
                throw new InvalidDataException("the dump ends too early");
            }
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw new PoolException(
                PoolErrorKind.Damaged, string.Create(CultureInfo.InvariantCulture, $"line {number} of the dump cannot be used: {e.Message}; nothing was restored"), e);
        }

        if (_options.NodePaths.Count != 0 && _options.NodePaths.Count != _builder!.State.Nodes.Count)
        {
            throw new PoolException(
                PoolErrorKind.Usage, $"the dump has {_builder.State.Nodes.Count} nodes; name so many, in the order of their numbers, or none");
        }

        _builder!.Finish(_options.Force);
    }

    private void Take(DumpLine line)
    {
        if (_ended)
        {
            throw new InvalidDataException("it comes after the end");
        }

        if (_builder is null)
        {
            Begin(line);
            return;
        }

        switch (line.Type)
        {
            case "run":
                TakeRun(line);
                break;
            case "end":
                _ended = line.Number("runs") == _runs ? true : throw new InvalidDataException($"there should be {line.Number("runs")} runs and are {_runs}");
                break;
            default:
                TakeEntry(line);
                break;
        }
    }

    private void Begin(DumpLine line)
    {
        if (line.Type != "pool" || line.Number("format") != DumpText.Format)
        {
            throw new InvalidDataException("it is not the start of a dump that is known here");
        }

        (ulong nextVolume, uint nextLayer) = ((ulong)line.Number("nextVolume", 1), (uint)line.Number("nextLayer", 1, uint.MaxValue));
        _builder = new PoolBuilder(_storage, line.Id("uuid"), new Geometry((int)line.Number("chunkSize", Geometry.MinChunkBytes, Geometry.MaxChunkBytes)));
        (_builder.State.NextVolumeId, _builder.State.NextLayerId) = (nextVolume, nextLayer);
    }

    private void TakeEntry(DumpLine line)
    {
        ReadOnlySpan<byte> entry = DumpEntries.Of(line);
        if (entry.IsEmpty)
        {
            throw new InvalidDataException($"type '{line.Type}' is not known here");
        }

        if (line.Type == "node" && _options.NodePaths.Count != 0)
        {
            int index = (int)line.Number("index", 0, 254);
            EntryWriter moved = new(new byte[EntryWriter.MaxEntryBytes]);
            moved.NodePut(new NodeRecord((byte)index, _options.NodePaths.ElementAtOrDefault(index) ?? line.Text("path"), line.Number("extents", 1)));
            entry = moved.Written;
        }

        _builder!.State.Apply(entry);
    }

    private void TakeRun(DumpLine line)
    {
        PoolBuilder builder = _builder!;
        _owned ??= OwnedBitmap.WithRetired(builder.State);
        Layer layer = builder.State.Tree.Find((uint)line.Number("layer", 1, uint.MaxValue)) ?? throw new InvalidDataException("there is no such layer");
        long mostChunks = Geometry.MaxVolumeBytes >> builder.Geometry.ChunkShift;
        long chunk = line.Number("chunk", 0, mostChunks - 1);
        long count = line.Number("count", 1, mostChunks - chunk);
        ushort present = line.Mask("present");
        ushort zero = line.Mask("zero");
        byte flags = line.Has("flags") ? (byte)line.Number("flags", 0, byte.MaxValue) : (byte)0;
        long extent = line.Has("extent") ? ExtentOf(line.Text("extent")) : -1;
        for (long i = 0; i < count; i++)
        {
            ChunkException exception = new(extent < 0 ? -1 : extent + i, present, zero, flags);
            if (ExceptionRules.Broken(exception, builder.Geometry) is { } broken)
            {
                throw new InvalidDataException(broken);
            }

            if (exception.HasExtent && !_owned.TryTake(exception.Extent))
            {
                throw new InvalidDataException($"extent {exception.Extent} has another owner, is retired, or does not exist");
            }

            builder.Put(layer, chunk + i, exception);
        }

        _runs++;
    }

    private static long ExtentOf(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int node) && node < ExtentAddress.MaxNodes
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long slot) && slot <= ExtentAddress.MaxSlots
            ? ExtentAddress.Make(node, slot)
            : throw new InvalidDataException($"'{text}' is no extent");
    }
}
