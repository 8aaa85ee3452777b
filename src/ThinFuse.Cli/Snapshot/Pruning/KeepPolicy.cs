namespace ThinFuse.Cli.Snapshot.Pruning;

/// <summary>How many snapshots are worth keeping, and how far apart. 0 where a rule is not asked for.</summary>
/// <param name="Last">The newest, whatever their times.</param>
/// <param name="Hourly">The newest of each of so many hours.</param>
/// <param name="Daily">The newest of each of so many days.</param>
/// <param name="Weekly">The newest of each of so many weeks, Monday to Sunday.</param>
/// <param name="Monthly">The newest of each of so many months.</param>
internal sealed record KeepPolicy(int Last = 0, int Hourly = 0, int Daily = 0, int Weekly = 0, int Monthly = 0);
