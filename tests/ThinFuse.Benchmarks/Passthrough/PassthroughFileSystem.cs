using System.Text;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Benchmarks.Passthrough;

/// <summary>A root directory with one file. Opened as the daemon opens volumes, read and written in one piece.</summary>
internal sealed class PassthroughFileSystem(ServedFile file, string name) : FuseFileSystem
{
    private const ulong RootNode = 1;
    private const ulong FileNode = 2;
    private const uint DirectoryPermissions = 0x1C0; // 0700
    private const uint FilePermissions = 0x180; // 0600
    private const uint BlockBytes = 4096;

    private readonly byte[] _name = Encoding.UTF8.GetBytes(name);
    private readonly TransferSteps _steps = new();

    /// <inheritdoc/>
    public override void Lookup(FuseRequest request, ReadOnlySpan<byte> name)
    {
        if (request.NodeId != RootNode || !name.SequenceEqual(_name))
        {
            request.ReplyError(FuseErrno.ENOENT);
            return;
        }

        request.ReplyEntry(new FuseEntry { NodeId = FileNode, Attributes = Describe(FileNode) });
    }

    /// <inheritdoc/>
    public override void GetAttributes(FuseRequest request, ulong? handle) => request.ReplyAttributes(Describe(request.NodeId), TimeSpan.Zero);

    /// <inheritdoc/>
    public override void Open(FuseRequest request, FuseFileFlags flags) =>
        request.ReplyOpened(0, FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites);

    /// <inheritdoc/>
    public override void ReadDirectory(FuseRequest request, ulong handle, ulong offset) => request.ReplyDirectory();

    /// <inheritdoc/>
    public override void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes)
    {
        int availableBytes = (int)Math.Clamp(file.SizeBytes - offsetBytes, 0, lengthBytes);
        if (availableBytes == 0)
        {
            request.ReplyData(0);
            return;
        }

        file.AddTo(request.TransferPlan, offsetBytes, availableBytes);
        request.Move(request.TransferPlan, _steps.Rent(availableBytes));
    }

    /// <inheritdoc/>
    public override void Write(FuseRequest request, ulong handle, long offsetBytes)
    {
        int lengthBytes = request.Payload.Length;
        if (offsetBytes > file.SizeBytes - lengthBytes)
        {
            request.ReplyError(FuseErrno.EFBIG);
            return;
        }

        file.AddTo(request.TransferPlan, offsetBytes, lengthBytes);
        request.Move(request.TransferPlan, _steps.Rent(lengthBytes));
    }

    /// <inheritdoc/>
    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly)
    {
        file.Flush();
        request.ReplyOk();
    }

    /// <inheritdoc/>
    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) => request.ReplyOk();

    /// <inheritdoc/>
    public override void GetStatistics(FuseRequest request) =>
        request.ReplyStatistics(new FuseStatistics { BlockSizeBytes = BlockBytes, MaxNameBytes = 255 });

    private FuseAttributes Describe(ulong node)
    {
        file.LookAgain();
        return new FuseAttributes
        {
            Inode = node,
            Mode = node == RootNode ? FuseMode.Directory | DirectoryPermissions : FuseMode.Regular | FilePermissions,
            SizeBytes = node == RootNode ? 0 : file.SizeBytes,
            Links = node == RootNode ? 2u : 1u,
            BlockSizeBytes = BlockBytes,
        };
    }
}
