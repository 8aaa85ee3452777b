namespace ThinFuse.Pool.Journaling;

/// <summary>Is handed a record by a scan; the payload lives only during the call.</summary>
public delegate void JournalVisitor(long sequence, byte kind, ReadOnlySpan<byte> payload);
