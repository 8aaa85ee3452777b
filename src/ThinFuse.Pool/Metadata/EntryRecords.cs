using System.Buffers.Binary;
using ThinFuse.Pool.Journaling;

namespace ThinFuse.Pool.Metadata;

/// <summary>Puts lists of entries into a journal: short ones into one record, longer ones into pieces that count only all together.</summary>
internal static class EntryRecords
{
    /// <summary>Bytes before the entries in a piece.</summary>
    public const int PieceHeaderBytes = sizeof(uint);

    /// <summary>
    /// Appends a list; the metadata lock is held, so that there is one list of pieces at a time, and none at the cut of a checkpoint. After an
    /// exception nothing of the list counts: the pieces that were appended are taken for none by whoever reads the journal.
    /// </summary>
    public static void Append(Journal journal, ReadOnlySpan<byte> entries)
    {
        if (entries.Length <= journal.MaxPayloadBytes)
        {
            journal.Append(RecordKind.Entries, entries);
            return;
        }

        byte[] payload = new byte[journal.MaxPayloadBytes];
        for (uint piece = 0; !entries.IsEmpty; piece++)
        {
            ReadOnlySpan<byte> next = entries[..Math.Min(entries.Length, payload.Length - PieceHeaderBytes)];
            entries = entries[next.Length..];
            BinaryPrimitives.WriteUInt32LittleEndian(payload, piece);
            next.CopyTo(payload.AsSpan(PieceHeaderBytes));
            journal.Append(
                entries.IsEmpty ? RecordKind.LastEntriesPiece : RecordKind.EntriesPiece, payload.AsSpan(0, PieceHeaderBytes + next.Length));
        }
    }
}
