using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>A directory with one file, whose READ and WRITE go to whatever a test puts in. Can be mounted.</summary>
internal sealed class OneFileSystem : FuseFileSystem
{
    public const string Name = "file";
    public const long SizeBytes = 64 << 20;

    private const ulong FileNode = 2;

    public Action<FuseRequest, long>? OnRead { get; init; }

    public Action<FuseRequest, long>? OnWrite { get; init; }

    public Action<FuseRequest>? OnFsync { get; init; }

    public Action? OnSettle { get; init; }

    public override void Settle() => OnSettle?.Invoke();

    public override void Lookup(FuseRequest request, ReadOnlySpan<byte> name) =>
        request.ReplyEntry(new FuseEntry { NodeId = FileNode, Attributes = Attributes(FileNode), AttributesValidity = TimeSpan.FromHours(1) });

    public override void GetAttributes(FuseRequest request, ulong? handle) =>
        request.ReplyAttributes(Attributes(request.NodeId), TimeSpan.FromHours(1));

    public override void Open(FuseRequest request, FuseFileFlags flags) =>
        request.ReplyOpened(1, FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites);

    public override void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes) => OnRead!(request, offsetBytes);

    public override void Write(FuseRequest request, ulong handle, long offsetBytes) => OnWrite!(request, offsetBytes);

    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly) => OnFsync!(request);

    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) => request.ReplyOk();

    private static FuseAttributes Attributes(ulong node) => new()
    {
        Inode = node,
        Mode = node == FileNode ? FuseMode.Regular | 0x1A4 : FuseMode.Directory | 0x1ED,
        SizeBytes = node == FileNode ? SizeBytes : 0,
        Links = 1,
        BlockSizeBytes = 4096,
    };
}
