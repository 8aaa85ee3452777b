using System.Collections.Concurrent;
using System.Text;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Writes down each call with its arguments, and answers it.</summary>
internal sealed class RecordingFileSystem : FuseFileSystem
{
    public static readonly FuseAttributes Attributes = new()
    {
        Inode = 77,
        SizeBytes = 123_456,
        Blocks512 = 8,
        AccessTime = new(10, 1),
        ModificationTime = new(20, 2),
        ChangeTime = new(30, 3),
        Mode = FuseMode.Regular | 0x1A4,
        Links = 1,
        UserId = 5,
        GroupId = 6,
        Device = 7,
        BlockSizeBytes = 65536,
    };

    public static readonly FuseEntry Entry = new()
    {
        NodeId = 42,
        Generation = 3,
        EntryValidity = TimeSpan.FromMilliseconds(1500),
        AttributesValidity = TimeSpan.FromMilliseconds(2250),
        Attributes = Attributes,
    };

    public static readonly FuseStatistics Statistics = new()
    {
        BlockSizeBytes = 4096,
        Blocks = 1000,
        FreeBlocks = 600,
        AvailableBlocks = 500,
        Files = 30,
        FreeFiles = 20,
        MaxNameBytes = 128,
    };

    public ConcurrentQueue<string> Calls { get; } = new();

    public override void OnStarted(FuseSession session) => Calls.Enqueue("started");

    public override void Lookup(FuseRequest request, ReadOnlySpan<byte> name)
    {
        Calls.Enqueue($"lookup {request.NodeId} {Text(name)} uid {request.UserId} gid {request.GroupId} pid {request.ProcessId}");
        request.ReplyEntry(Entry);
    }

    public override void Forget(ulong nodeId, ulong lookups) => Calls.Enqueue($"forget {nodeId} {lookups}");

    public override void GetAttributes(FuseRequest request, ulong? handle)
    {
        Calls.Enqueue($"getattr {request.NodeId} {handle}");
        request.ReplyAttributes(Attributes, TimeSpan.FromSeconds(1.5));
    }

    public override void SetAttributes(FuseRequest request, in FuseAttributeChange change)
    {
        Calls.Enqueue($"setattr {change}");
        request.ReplyAttributes(Attributes, TimeSpan.Zero);
    }

    public override void ReadLink(FuseRequest request) => request.ReplyBytes("target"u8);

    public override void MakeNode(FuseRequest request, ReadOnlySpan<byte> name, uint mode)
    {
        Calls.Enqueue($"mknod {Text(name)} {mode:x}");
        request.ReplyEntry(Entry);
    }

    public override void Unlink(FuseRequest request, ReadOnlySpan<byte> name) => Done(request, $"unlink {Text(name)}");

    public override void Rename(
        FuseRequest request, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName, FuseRenameFlags flags) =>
        Done(request, $"rename {Text(name)} {newDirectory} {Text(newName)} {flags}");

    public override void Open(FuseRequest request, FuseFileFlags flags)
    {
        Calls.Enqueue($"open {flags}");
        request.ReplyOpened(9, FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites);
    }

    public override void Create(FuseRequest request, ReadOnlySpan<byte> name, FuseFileFlags flags, uint mode)
    {
        Calls.Enqueue($"create {Text(name)} {flags} {mode:x}");
        request.ReplyCreated(Entry, 11, FuseOpenFlags.KeepCache);
    }

    public override void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes)
    {
        Calls.Enqueue($"read {handle} {offsetBytes} {lengthBytes}");
        Bytes.Pattern(lengthBytes).CopyTo(request.ReadBuffer);
        request.ReplyData(lengthBytes);
    }

    public override void Write(FuseRequest request, ulong handle, long offsetBytes)
    {
        bool intact = request.Payload.SequenceEqual(Bytes.Pattern(request.Payload.Length));
        Calls.Enqueue($"write {handle} {offsetBytes} {request.Payload.Length} intact {intact} aligned {request.DataAddress % 4096 == 0}");
        request.ReplyWritten(request.Payload.Length);
    }

    public override void Flush(FuseRequest request, ulong handle) => Done(request, $"flush {handle}");

    public override void Release(FuseRequest request, ulong handle) => Done(request, $"release {handle}");

    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly) => Done(request, $"fsync {handle} {dataOnly}");

    public override void Allocate(FuseRequest request, ulong handle, long offsetBytes, long lengthBytes, FuseFallocateModes mode) =>
        Done(request, $"fallocate {handle} {offsetBytes} {lengthBytes} {mode}");

    public override void Poll(FuseRequest request, ulong handle, ulong? wakeHandle)
    {
        Calls.Enqueue($"poll {handle} {wakeHandle}");
        request.ReplyPolled(FusePollEvents.Readable);
    }

    public override void Seek(FuseRequest request, ulong handle, long offsetBytes, FuseSeekOrigin origin)
    {
        Calls.Enqueue($"seek {handle} {offsetBytes} {origin}");
        request.ReplySeek(offsetBytes + 1);
    }

    public override void CopyRange(FuseRequest request, in FuseCopyRange range)
    {
        Calls.Enqueue($"copy {range}");
        request.ReplyCopied(range.LengthBytes);
    }

    public override void OpenDirectory(FuseRequest request)
    {
        Calls.Enqueue("opendir");
        request.ReplyOpened(12, FuseOpenFlags.None);
    }

    /// <summary>Entries entry-0 to entry-9.</summary>
    public override void ReadDirectory(FuseRequest request, ulong handle, ulong offset)
    {
        Calls.Enqueue($"readdir {handle} {offset} {request.Directory.WithAttributes}");
        for (ulong i = offset; i < 10; i++)
        {
            FuseEntry entry = Entry with { NodeId = 100 + i, Attributes = Attributes with { Inode = 100 + i } };
            if (!request.Directory.TryAdd(Encoding.UTF8.GetBytes($"entry-{i}"), i + 1, entry))
            {
                break;
            }
        }

        request.ReplyDirectory();
    }

    public override void ReleaseDirectory(FuseRequest request, ulong handle) => Done(request, $"releasedir {handle}");

    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) => Done(request, $"fsyncdir {handle} {dataOnly}");

    public override void GetStatistics(FuseRequest request) => request.ReplyStatistics(Statistics);

    public override void GetExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name)
    {
        Calls.Enqueue($"getxattr {Text(name)}");
        request.ReplyExtendedAttribute("value"u8);
    }

    public override void ListExtendedAttributes(FuseRequest request) => request.ReplyExtendedAttribute("user.a\0user.b\0"u8);

    public override void SetExtendedAttribute(
        FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, FuseSetExtendedAttributeFlags flags) =>
        Done(request, $"setxattr {Text(name)} {Text(value)} {flags}");

    public override void RemoveExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name) => Done(request, $"removexattr {Text(name)}");

    public override void CheckAccess(FuseRequest request, uint mask) => Done(request, $"access {mask}");

    private static string Text(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name);

    private void Done(FuseRequest request, string call)
    {
        Calls.Enqueue(call);
        request.ReplyOk();
    }
}
