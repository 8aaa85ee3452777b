namespace ThinFuse.Pool.Journaling;

/// <summary>Where an unbroken run of records ends: the sequence that is not there, and the place where it should have been.</summary>
internal readonly record struct JournalEnd(long MissingSequence, long Ordinal, int Offset, string Path);
