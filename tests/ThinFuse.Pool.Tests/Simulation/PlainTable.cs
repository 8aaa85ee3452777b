using System.Runtime.InteropServices;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>
/// An exception table in a dictionary that keeps the contract of <see cref="IExceptionTable"/> with one file a checkpoint. FASTER takes 8 MB for each table
/// that is opened, which is most of the cost of a crash state; with this one, the journal, the images, the allocator and the engine go through many more.
/// </summary>
internal sealed class PlainTable : IExceptionTable
{
    private const string Suffix = ".plain";
    private static readonly int ExceptionsBytes = IExceptionTable.GroupChunks * Marshal.SizeOf<ChunkException>();

    private readonly Dictionary<(uint Layer, long Group), ChunkException[]> _groups = [];
    private readonly Lock _lock = new();
    private readonly IStorage _storage;
    private readonly string _directory;
    private StorageException? _fault;

    private PlainTable(IStorage storage, string directory) => (_storage, _directory) = (storage, directory);

    public event Action<StorageException>? Faulted;

    public bool HasHeadroom => Volatile.Read(ref _fault) is null;

    /// <summary>Puts an empty table in the place of the one that FASTER made for a new pool. From now on the pool opens only with <see cref="Recover"/>.</summary>
    internal static void Install(IStorage storage)
    {
        const string directory = PoolLayout.TableDirectory;
        foreach (string name in storage.List(directory))
        {
            storage.Delete($"{directory}/{name}");
        }

        using PlainTable table = new(storage, directory);
        table.Write(Superblock.Read(storage).TableToken);
    }

    /// <summary>Brings back what a checkpoint holds.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is missing or damaged.</exception>
    internal static IExceptionTable Recover(IStorage storage, string directory, Guid token)
    {
        PlainTable table = new(storage, directory);
        string path = table.PathOf(token);
        if (!storage.Exists(path))
        {
            throw new InvalidDataException($"{path} is missing");
        }

        byte[] content;
        using (IStorageFile file = storage.Open(path, StorageOpenMode.Read, StorageCaching.Cached))
        {
            content = new byte[file.LengthBytes];
            file.Read(0, content);
        }

        if (content.Length < sizeof(uint) || Crc32C.Compute(content.AsSpan(sizeof(uint))) != MemoryMarshal.Read<uint>(content))
        {
            throw new InvalidDataException($"{path} is damaged");
        }

        table.Decode(content.AsSpan(sizeof(uint)));
        table.DeleteExcept(token);
        return table;
    }

    public ChunkException Get(uint layer, long chunk)
    {
        (long group, long index) = Math.DivRem(chunk, IExceptionTable.GroupChunks);
        lock (_lock)
        {
            ThrowIfFaulted();
            return _groups.TryGetValue((layer, group), out ChunkException[]? exceptions) ? exceptions[index] : default;
        }
    }

    public void Put(uint layer, long chunk, in ChunkException exception) => PutRange(layer, chunk, new ReadOnlySpan<ChunkException>(in exception));

    public void PutRange(uint layer, long firstChunk, ReadOnlySpan<ChunkException> exceptions)
    {
        (long group, long index) = Math.DivRem(firstChunk, IExceptionTable.GroupChunks);
        lock (_lock)
        {
            ThrowIfFaulted();
            ref ChunkException[]? there = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, (layer, group), out _);
            there ??= new ChunkException[IExceptionTable.GroupChunks];
            exceptions.CopyTo(there.AsSpan((int)index));
            if (Array.TrueForAll(there, each => each.IsEmpty))
            {
                _groups.Remove((layer, group));
            }
        }
    }

    public bool GetGroup(uint layer, long group, Span<ChunkException> exceptions)
    {
        lock (_lock)
        {
            ThrowIfFaulted();
            bool found = _groups.TryGetValue((layer, group), out ChunkException[]? there);
            exceptions.Clear();
            there.AsSpan().CopyTo(exceptions);
            return found;
        }
    }

    public Guid Checkpoint()
    {
        Guid token = Guid.NewGuid();
        WithFaults(() => Write(token));
        return token;
    }

    public void PurgeOtherCheckpoints(Guid keep) => WithFaults(() => DeleteExcept(keep));

    public void Dispose()
    {
    }

    private string PathOf(Guid token) => $"{_directory}/{token:N}{Suffix}";

    /// <summary>A full disk refuses a checkpoint; any other error is final.</summary>
    private void WithFaults(Action act)
    {
        ThrowIfFaulted();
        try
        {
            act();
        }
        catch (StorageException e) when (!e.IsNoSpace)
        {
            Volatile.Write(ref _fault, e);
            Faulted?.Invoke(e);
            throw;
        }
    }

    private void ThrowIfFaulted()
    {
        if (Volatile.Read(ref _fault) is { } fault)
        {
            throw fault;
        }
    }

    private void Write(Guid token)
    {
        byte[] content = Encode();
        using (IStorageFile file = _storage.Open(PathOf(token), StorageOpenMode.CreateNew, StorageCaching.Cached))
        {
            file.Write(0, content);
            file.Flush();
        }

        _storage.SyncDirectory(_directory);
    }

    private void DeleteExcept(Guid keep)
    {
        string kept = Path.GetFileName(PathOf(keep));
        foreach (string name in _storage.List(_directory))
        {
            if (name != kept)
            {
                _storage.Delete($"{_directory}/{name}");
            }
        }
    }

    private byte[] Encode()
    {
        using MemoryStream content = new();
        content.SetLength(content.Position = sizeof(uint));
        lock (_lock)
        {
            foreach (((uint layer, long group), ChunkException[] exceptions) in _groups)
            {
                content.Write(BitConverter.GetBytes((ulong)layer));
                content.Write(BitConverter.GetBytes(group));
                content.Write(MemoryMarshal.AsBytes(exceptions.AsSpan()));
            }
        }

        byte[] bytes = content.ToArray();
        BitConverter.TryWriteBytes(bytes, Crc32C.Compute(bytes.AsSpan(sizeof(uint))));
        return bytes;
    }

    private void Decode(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            uint layer = (uint)MemoryMarshal.Read<ulong>(content);
            long group = MemoryMarshal.Read<long>(content[sizeof(ulong)..]);
            content = content[(2 * sizeof(ulong))..];
            _groups.Add((layer, group), MemoryMarshal.Cast<byte, ChunkException>(content[..ExceptionsBytes]).ToArray());
            content = content[ExceptionsBytes..];
        }
    }
}
