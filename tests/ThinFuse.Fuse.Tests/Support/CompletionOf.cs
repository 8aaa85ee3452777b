using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>A completion made of a lambda.</summary>
internal sealed class CompletionOf(Action<FuseRequest, int> onMoved) : IFuseMoveCompletion
{
    private readonly Action<FuseRequest, int> _onMoved = onMoved;

    public void OnMoved(FuseRequest request, int errno) => _onMoved(request, errno);
}
