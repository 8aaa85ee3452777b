namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Puts the volume that a snapshot was taken of back to it.</summary>
/// <param name="DiscardCurrent">Whether the volume's present state is given up, instead of kept as a snapshot.</param>
/// <param name="Force">Whether the volume may be open: its users see the new content from then on.</param>
/// <param name="KeepAs">The part after the @ in the name of the snapshot that keeps the present state; null for before-rollback-TIME.</param>
public sealed record RollbackRequest(bool DiscardCurrent = false, bool Force = false, string? KeepAs = null);
