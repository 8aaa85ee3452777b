using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Fails when it is started.</summary>
internal sealed class UnstartableFileSystem : FuseFileSystem
{
    public override void OnStarted(FuseSession session) => throw new InvalidOperationException("cannot start");

    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly) => request.ReplyOk();

    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) => request.ReplyOk();
}
