using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Hands READ, WRITE, LOOKUP, FORGET and FSYNC to whatever a test puts in.</summary>
internal sealed class HookFileSystem : FuseFileSystem
{
    public Action<FuseRequest>? OnRead { get; init; }

    public Action<FuseRequest>? OnWrite { get; init; }

    public Action<FuseRequest>? OnLookup { get; init; }

    public Action<FuseRequest>? OnFsync { get; init; }

    public Action<ulong>? OnForget { get; init; }

    public override void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes) => OnRead!(request);

    public override void Write(FuseRequest request, ulong handle, long offsetBytes) => OnWrite!(request);

    public override void Lookup(FuseRequest request, ReadOnlySpan<byte> name) => OnLookup!(request);

    public override void Forget(ulong nodeId, ulong lookups) => OnForget!(nodeId);

    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly) => OnFsync!(request);

    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) => request.ReplyOk();
}
