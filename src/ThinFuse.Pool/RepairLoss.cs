namespace ThinFuse.Pool;

/// <summary>Something that a repair could not save.</summary>
/// <param name="Message">One line: what, and what is there instead.</param>
/// <param name="Volumes">The volumes and snapshots that read through it; empty when that is not known, or none does.</param>
/// <param name="OffsetBytes">Where in them; null when that is not known.</param>
/// <param name="LengthBytes">How much of them.</param>
public sealed record RepairLoss(string Message, IReadOnlyList<string> Volumes, long? OffsetBytes = null, long? LengthBytes = null);
