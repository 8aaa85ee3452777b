namespace ThinFuse.Pool.Journaling;

/// <summary>A file of a journal: its position, and its header, if it has a valid one.</summary>
internal sealed record CatalogFile(long Ordinal, string Path, SegmentHeader? Header);
