namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Puts what was received in its place.</summary>
/// <param name="ContentId">The content that was received.</param>
/// <param name="Force">Whether what was written to the target since the base is given up, and the target may be open.</param>
public sealed record ReceiveFinishRequest(Guid ContentId, bool Force);
