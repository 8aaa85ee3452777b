using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.FaultyDisk;

/// <summary>A directory with one file, <c>disk</c>, that is never cached.</summary>
internal sealed class DiskFileSystem(ServedDisk disk) : FuseFileSystem
{
    private const ulong RootNode = 1;
    private const ulong FileNode = 2;
    private const uint DirectoryPermissions = 0x1C0; // 0700
    private const uint FilePermissions = 0x180; // 0600
    private const uint BlockBytes = 4096;

    /// <inheritdoc/>
    public override void Lookup(FuseRequest request, ReadOnlySpan<byte> name)
    {
        if (request.NodeId == RootNode && name.SequenceEqual("disk"u8))
        {
            request.ReplyEntry(new FuseEntry { NodeId = FileNode, Attributes = Describe(FileNode) });
        }
        else
        {
            request.ReplyError(FuseErrno.ENOENT);
        }
    }

    /// <inheritdoc/>
    public override void GetAttributes(FuseRequest request, ulong? handle) => request.ReplyAttributes(Describe(request.NodeId), TimeSpan.Zero);

    /// <inheritdoc/>
    public override void SetAttributes(FuseRequest request, in FuseAttributeChange change)
    {
        if (change.SizeBytes is { } sizeBytes)
        {
            disk.Resize(sizeBytes);
        }

        request.ReplyAttributes(Describe(request.NodeId), TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public override void Open(FuseRequest request, FuseFileFlags flags) => request.ReplyOpened(0, FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites | FuseOpenFlags.NoFlush);

    /// <inheritdoc/>
    public override void ReadDirectory(FuseRequest request, ulong handle, ulong offset) => request.ReplyDirectory();

    /// <inheritdoc/>
    public override void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes)
    {
        int availableBytes = (int)Math.Clamp(disk.SizeBytes - offsetBytes, 0, lengthBytes);
        int errno = disk.Read(offsetBytes, request.ReadBuffer[..availableBytes]);
        if (errno == 0)
        {
            request.ReplyData(availableBytes);
        }
        else
        {
            request.ReplyError(errno);
        }
    }

    /// <inheritdoc/>
    public override void Write(FuseRequest request, ulong handle, long offsetBytes)
    {
        int lengthBytes = request.Payload.Length;
        int errno = disk.Write(offsetBytes, request.Payload);
        if (errno == 0)
        {
            request.ReplyWritten(lengthBytes);
        }
        else
        {
            request.ReplyError(errno);
        }
    }

    /// <inheritdoc/>
    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly)
    {
        int errno = disk.Flush();
        if (errno == 0)
        {
            request.ReplyOk();
        }
        else
        {
            request.ReplyError(errno);
        }
    }

    /// <inheritdoc/>
    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) => request.ReplyOk();

    /// <inheritdoc/>
    public override void GetStatistics(FuseRequest request) =>
        request.ReplyStatistics(new FuseStatistics { BlockSizeBytes = BlockBytes, MaxNameBytes = 255 });

    private FuseAttributes Describe(ulong node) => new()
    {
        Inode = node,
        Mode = node == RootNode ? FuseMode.Directory | DirectoryPermissions : FuseMode.Regular | FilePermissions,
        SizeBytes = node == RootNode ? 0 : disk.SizeBytes,
        Links = node == RootNode ? 2u : 1u,
        BlockSizeBytes = BlockBytes,
    };
}
