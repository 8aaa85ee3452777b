namespace ThinFuse.Pool.Journaling;

/// <summary>How far a scan came.</summary>
/// <param name="LastAppliedSequence">
/// The last sequence that counts as having happened; one less than the first when there is none. The next journal goes on after it.
/// </param>
/// <param name="LastValidSequence">
/// The last sequence of the unbroken run of valid records: larger, after power loss, when records were dropped that no commit covers.
/// </param>
public readonly record struct JournalScanResult(long LastAppliedSequence, long LastValidSequence);
