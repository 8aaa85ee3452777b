using System.Collections.Concurrent;
using System.Text;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Regular files in one directory, in memory; all that a volume file can do.</summary>
internal sealed class MemoryFileSystem : FuseFileSystem
{
    /// <summary>Reads of a file with this name wait until they are interrupted.</summary>
    public const string Waiting = "waiting";

    private const FuseOpenFlags DirectIo = FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MemoryNode> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, MemoryNode> _nodes = [];
    private ulong _lastNodeId = 1;
    private int _largestWriteBytes;
    private int _largestReadBytes;

    /// <summary>How long the kernel may trust names and attributes.</summary>
    public TimeSpan Validity { get; init; }

    public FuseSession? Session { get; private set; }

    public int LargestWriteBytes => _largestWriteBytes;

    public int LargestReadBytes => _largestReadBytes;

    /// <summary>How often each operation came.</summary>
    public ConcurrentDictionary<FuseOpcode, int> Counts { get; } = new();

    /// <summary>Set while a read of <see cref="Waiting"/> waits.</summary>
    public SemaphoreSlim Parked { get; } = new(0);

    /// <summary>Removes a name behind the kernel's back.</summary>
    public (ulong Node, bool Removed) RemoveQuietly(string name)
    {
        lock (_lock)
        {
            return (_names[name].NodeId, _names.Remove(name));
        }
    }

    /// <summary>Changes a size behind the kernel's back.</summary>
    public ulong ResizeQuietly(string name, long sizeBytes)
    {
        lock (_lock)
        {
            _names[name].SetSize(sizeBytes);
            return _names[name].NodeId;
        }
    }

    public override void OnStarted(FuseSession session) => Session = session;

    public override void Lookup(FuseRequest request, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            request.ReplyEntry(_names.TryGetValue(Text(name), out MemoryNode? node)
                ? node.Entry with { EntryValidity = Validity, AttributesValidity = Validity }
                : throw new FuseException(FuseErrno.ENOENT));
        }
    }

    public override void GetAttributes(FuseRequest request, ulong? handle)
    {
        Count(request);
        if (request.NodeId == 1)
        {
            request.ReplyAttributes(Root(), TimeSpan.Zero);
            return;
        }

        lock (_lock)
        {
            request.ReplyAttributes(Node(request).Attributes, Validity);
        }
    }

    public override void SetAttributes(FuseRequest request, in FuseAttributeChange change)
    {
        Count(request);
        lock (_lock)
        {
            MemoryNode node = Node(request);
            FuseTimestamp now = FuseTimestamp.Now;
            if (change.SizeBytes is long sizeBytes)
            {
                node.SetSize(sizeBytes);
                node.ModificationTime = now;
            }

            node.Mode = change.Mode ?? node.Mode;
            node.UserId = change.UserId ?? node.UserId;
            node.GroupId = change.GroupId ?? node.GroupId;
            node.AccessTime = change.AccessTime.Apply(node.AccessTime, now);
            node.ModificationTime = change.ModificationTime.Apply(node.ModificationTime, now);
            request.ReplyAttributes(node.Attributes, Validity);
        }
    }

    public override void MakeNode(FuseRequest request, ReadOnlySpan<byte> name, uint mode)
    {
        lock (_lock)
        {
            request.ReplyEntry(Make(request, name, mode).Entry);
        }
    }

    public override void Create(FuseRequest request, ReadOnlySpan<byte> name, FuseFileFlags flags, uint mode)
    {
        lock (_lock)
        {
            MemoryNode node = Make(request, name, mode);
            request.ReplyCreated(node.Entry, node.NodeId, DirectIo);
        }
    }

    public override void Open(FuseRequest request, FuseFileFlags flags)
    {
        Count(request);
        request.ReplyOpened(request.NodeId, DirectIo);
    }

    public override void Unlink(FuseRequest request, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            Named(name).Links--;
            _names.Remove(Text(name));
        }

        request.ReplyOk();
    }

    public override void Rename(
        FuseRequest request, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName, FuseRenameFlags flags)
    {
        lock (_lock)
        {
            MemoryNode node = Named(name);
            if (_names.ContainsKey(Text(newName)))
            {
                throw new FuseException(FuseErrno.EEXIST);
            }

            _names.Remove(Text(name));
            _names.Add(Text(newName), node);
        }

        request.ReplyOk();
    }

    public override void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes)
    {
        lock (_lock)
        {
            if (_names.TryGetValue(Waiting, out MemoryNode? waiting) && waiting.NodeId == handle)
            {
                request.OnInterrupt(static interrupted => interrupted.ReplyError(FuseErrno.EINTR));
                Parked.Release();
                return;
            }

            _largestReadBytes = Math.Max(_largestReadBytes, lengthBytes);
            request.ReplyData(Node(request).Read(offsetBytes, request.ReadBuffer));
        }
    }

    public override void Write(FuseRequest request, ulong handle, long offsetBytes)
    {
        Count(request);
        lock (_lock)
        {
            _largestWriteBytes = Math.Max(_largestWriteBytes, request.Payload.Length);
            Node(request).Write(offsetBytes, request.Payload);
        }

        request.ReplyWritten(request.Payload.Length);
    }

    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly)
    {
        Count(request);
        request.ReplyOk();
    }

    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) => request.ReplyOk();

    public override void Allocate(FuseRequest request, ulong handle, long offsetBytes, long lengthBytes, FuseFallocateModes mode)
    {
        Count(request);
        if ((mode & ~(FuseFallocateModes.KeepSize | FuseFallocateModes.PunchHole | FuseFallocateModes.ZeroRange)) != 0)
        {
            request.ReplyError(FuseErrno.EOPNOTSUPP);
            return;
        }

        lock (_lock)
        {
            MemoryNode node = Node(request);
            if (!mode.HasFlag(FuseFallocateModes.KeepSize))
            {
                node.SetSize(Math.Max(node.SizeBytes, offsetBytes + lengthBytes));
            }

            if (mode.HasFlag(FuseFallocateModes.PunchHole) || mode.HasFlag(FuseFallocateModes.ZeroRange))
            {
                node.Zero(offsetBytes, lengthBytes);
            }
        }

        request.ReplyOk();
    }

    public override void Seek(FuseRequest request, ulong handle, long offsetBytes, FuseSeekOrigin origin)
    {
        lock (_lock)
        {
            long found = Node(request).Seek(offsetBytes, origin == FuseSeekOrigin.Data);
            if (found < 0)
            {
                throw new FuseException(FuseErrno.ENXIO);
            }

            request.ReplySeek(found);
        }
    }

    public override void CopyRange(FuseRequest request, in FuseCopyRange range)
    {
        Count(request);
        lock (_lock)
        {
            byte[] bytes = new byte[Math.Min(range.LengthBytes, 64 << 20)];
            int lengthBytes = Node(request).Read(range.SourceOffsetBytes, bytes);
            Node(range.TargetNodeId).Write(range.TargetOffsetBytes, bytes.AsSpan(0, lengthBytes));
            request.ReplyCopied(lengthBytes);
        }
    }

    public override void ReadDirectory(FuseRequest request, ulong handle, ulong offset)
    {
        lock (_lock)
        {
            FuseEntry root = new() { NodeId = 1, Attributes = Root() };
            (string Name, FuseEntry Entry)[] all = [(".", root), ("..", root), .. _names.Select(pair => (pair.Key, pair.Value.Entry))];
            for (int i = (int)offset; i < all.Length; i++)
            {
                if (!request.Directory.TryAdd(Encoding.UTF8.GetBytes(all[i].Name), (ulong)i + 1, all[i].Entry))
                {
                    break;
                }
            }
        }

        request.ReplyDirectory();
    }

    public override void GetStatistics(FuseRequest request) => request.ReplyStatistics(new FuseStatistics
    {
        BlockSizeBytes = 4096,
        Blocks = 1000,
        FreeBlocks = 250,
        AvailableBlocks = 250,
        Files = 10,
        FreeFiles = 5,
        MaxNameBytes = 128,
    });

    public override void GetExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name)
    {
        Count(request);
        lock (_lock)
        {
            if (request.NodeId == 1 || !Node(request).ExtendedAttributes.TryGetValue(Text(name), out byte[]? value))
            {
                throw new FuseException(FuseErrno.ENODATA);
            }

            request.ReplyExtendedAttribute(value);
        }
    }

    public override void ListExtendedAttributes(FuseRequest request)
    {
        lock (_lock)
        {
            request.ReplyExtendedAttribute(Encoding.UTF8.GetBytes(string.Concat(Node(request).ExtendedAttributes.Keys.Select(name => name + '\0'))));
        }
    }

    public override void SetExtendedAttribute(
        FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, FuseSetExtendedAttributeFlags flags)
    {
        lock (_lock)
        {
            Node(request).ExtendedAttributes[Text(name)] = value.ToArray();
        }

        request.ReplyOk();
    }

    public override void RemoveExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            if (!Node(request).ExtendedAttributes.Remove(Text(name)))
            {
                throw new FuseException(FuseErrno.ENODATA);
            }
        }

        request.ReplyOk();
    }

    private static string Text(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name);

    /// <summary>Anybody may create files here.</summary>
    private static FuseAttributes Root() => new() { Inode = 1, Mode = FuseMode.Directory | 0x1FF, Links = 2, BlockSizeBytes = 4096 };

    private void Count(FuseRequest request) => Counts.AddOrUpdate(request.Opcode, 1, (_, count) => count + 1);

    private MemoryNode Make(FuseRequest request, ReadOnlySpan<byte> name, uint mode)
    {
        if (_names.ContainsKey(Text(name)))
        {
            throw new FuseException(FuseErrno.EEXIST);
        }

        MemoryNode node = new(++_lastNodeId, mode, request.UserId, request.GroupId);
        _names.Add(Text(name), node);
        _nodes.Add(node.NodeId, node);
        return node;
    }

    private MemoryNode Node(FuseRequest request) => Node(request.NodeId);

    private MemoryNode Node(ulong nodeId) => _nodes.TryGetValue(nodeId, out MemoryNode? node) ? node : throw new FuseException(FuseErrno.ESTALE);

    private MemoryNode Named(ReadOnlySpan<byte> name) =>
        _names.TryGetValue(Text(name), out MemoryNode? node) ? node : throw new FuseException(FuseErrno.ENOENT);
}
