namespace ThinFuse.Cli.Output;

/// <summary>Rows of text under headings; numbers stand to the right.</summary>
/// <param name="columns">The headings. Empty ones are not shown.</param>
internal sealed class TextTable(params TextColumn[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>The headings.</summary>
    public IReadOnlyList<TextColumn> Columns { get; } = columns;

    /// <summary>The rows, each as long as <see cref="Columns"/>.</summary>
    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>Whether headings are shown.</summary>
    public bool HasHeadings => Columns.Any(column => column.Heading.Length > 0);

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, Columns.Count);
        _rows.Add(cells);
    }

    /// <summary>A table of two columns without headings: label and value.</summary>
    public static TextTable OfProperties() => new(new TextColumn(""), new TextColumn(""));
}
