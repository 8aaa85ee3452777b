namespace ThinFuse.Pool.Metadata;

/// <summary>Kinds of journal records, as the journal keeps them. On disk: never renumber.</summary>
internal static class RecordKind
{
    /// <summary>A list of entries that are applied together.</summary>
    public const byte Entries = 1;
}
