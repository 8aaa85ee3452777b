using System.Buffers.Binary;
using ThinFuse.Pool.Metadata;

namespace ThinFuse.Pool.Tests.Metadata;

/// <summary>Lists of entries that come in pieces.</summary>
public sealed class EntryAssemblerTests
{
    private readonly EntryAssembler _assembler = new();

    [Fact]
    public void A_list_in_one_record_is_handed_on_as_it_is() => Take(RecordKind.Entries, [1, 2, 3]).Should().Equal(1, 2, 3);

    [Fact]
    public void Pieces_count_for_nothing_until_the_last_is_there()
    {
        TakePiece(0, 1, 2).Should().BeEmpty();
        TakePiece(1, 3).Should().BeEmpty();
        Take(RecordKind.Entries, [9]).Should().Equal([9], "records of writers stand between the pieces");
        TakeLast(2, 4).Should().Equal(1, 2, 3, 4);
    }

    [Fact]
    public void What_was_given_up_half_way_is_dropped_when_the_next_begins()
    {
        TakePiece(0, 1);
        TakePiece(1, 2);
        TakePiece(0, 3);
        TakeLast(1, 4).Should().Equal(3, 4);
        TakePiece(0, 5);
        TakeLast(1, 6).Should().Equal(5, 6);
    }

    [Fact]
    public void A_piece_that_is_missing_is_damage()
    {
        TakePiece(0, 1);
        FluentActions.Invoking(() => TakeLast(2, 2)).Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void A_piece_after_the_last_is_damage()
    {
        TakePiece(0, 1);
        TakeLast(1, 2);
        FluentActions.Invoking(() => TakeLast(2, 3)).Should().Throw<InvalidDataException>();
    }

    [Theory]
    [InlineData(RecordKind.EntriesPiece, 3)]
    [InlineData(RecordKind.LastEntriesPiece, 0)]
    [InlineData((byte)4, 8)]
    [InlineData((byte)255, 8)]
    public void What_is_no_record_of_entries_is_damage(byte kind, int lengthBytes) =>
        FluentActions.Invoking(() => Take(kind, new byte[lengthBytes])).Should().Throw<InvalidDataException>();

    private byte[] Take(byte kind, byte[] payload) => _assembler.Take(kind, payload).ToArray();

    private byte[] TakePiece(uint number, params byte[] entries) => Take(RecordKind.EntriesPiece, Piece(number, entries));

    private byte[] TakeLast(uint number, params byte[] entries) => Take(RecordKind.LastEntriesPiece, Piece(number, entries));

    private static byte[] Piece(uint number, byte[] entries)
    {
        byte[] piece = new byte[EntryRecords.PieceHeaderBytes + entries.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(piece, number);
        entries.CopyTo(piece, EntryRecords.PieceHeaderBytes);
        return piece;
    }
}
