using System.Buffers;
using System.Buffers.Binary;

namespace ThinFuse.Pool.Metadata;

/// <summary>Reads what <see cref="EntryRecords"/> appended: hands on whole lists only. One per journal that is replayed.</summary>
internal sealed class EntryAssembler
{
    private readonly ArrayBufferWriter<byte> _pieces = new();
    private uint _count;

    /// <summary>Takes the next record. The entries to apply now; none, while pieces are missing.</summary>
    /// <exception cref="InvalidDataException">It is no record of entries, or a piece is missing before it.</exception>
    public ReadOnlySpan<byte> Take(byte kind, ReadOnlySpan<byte> payload)
    {
        switch (kind)
        {
            case RecordKind.Entries:
                return payload;
            case RecordKind.EntriesPiece:
                Add(payload);
                return [];
            case RecordKind.LastEntriesPiece:
                Add(payload);
                _count = 0;
                return _pieces.WrittenSpan;
            default:
                throw new InvalidDataException($"the journal holds a record of unknown kind {kind}");
        }
    }

    private void Add(ReadOnlySpan<byte> payload)
    {
        uint piece = payload.Length < EntryRecords.PieceHeaderBytes
            ? throw new InvalidDataException("a piece of a metadata record ends too early")
            : BinaryPrimitives.ReadUInt32LittleEndian(payload);
        if (piece == 0)
        {
            // What came before was given up half-way.
            _pieces.ResetWrittenCount();
            _count = 0;
        }

        if (piece != _count)
        {
            throw new InvalidDataException($"piece {_count} of a metadata record is missing before piece {piece}");
        }

        _pieces.Write(payload[EntryRecords.PieceHeaderBytes..]);
        _count++;
    }
}
