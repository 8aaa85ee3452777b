namespace ThinFuse.Pool.Metadata;

/// <summary>Kinds of journal records, as the journal keeps them. On disk: never renumber.</summary>
internal static class RecordKind
{
    /// <summary>A list of entries that are applied together.</summary>
    public const byte Entries = 1;

    /// <summary>
    /// A piece of a list that is too long for one record: the number of the piece, from 0, in 4 bytes, and its bytes. It counts for nothing until the
    /// last piece is there. Records of other kinds may stand between the pieces.
    /// </summary>
    public const byte EntriesPiece = 2;

    /// <summary>The last piece of such a list, numbered like the others: with it, the whole list is applied.</summary>
    public const byte LastEntriesPiece = 3;
}
