using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transfers;

namespace ThinFuse.Fuse.Transport.Shares;

/// <summary>A move that has not begun.</summary>
/// <param name="Request">Whose data is moved.</param>
/// <param name="Plan">From where to where.</param>
/// <param name="Completion">Told of the end.</param>
internal readonly record struct WaitingMove(FuseRequest Request, FuseTransferPlan Plan, IFuseMoveCompletion Completion);
