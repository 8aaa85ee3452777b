namespace ThinFuse.Daemon.Files;

/// <summary>Who owns the files of the mount, and whom the kernel lets in.</summary>
/// <param name="UserId">The user who mounted.</param>
/// <param name="GroupId">That user's group.</param>
/// <param name="AllowOther">Whether other users reach the mount at all.</param>
internal sealed record FileOwner(uint UserId, uint GroupId, bool AllowOther);
