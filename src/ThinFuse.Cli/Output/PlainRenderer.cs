namespace ThinFuse.Cli.Output;

/// <summary>Aligned text without frames or colour, for pipes and files.</summary>
internal static class PlainRenderer
{
    private const string Gap = "  ";

    public static void Write(TextWriter writer, TextTable table)
    {
        int[] widths = [.. table.Columns.Select((column, i) =>
            table.Rows.Select(row => row[i].Length).Append(column.Heading.Length).Max())];
        if (table.HasHeadings)
        {
            WriteRow(writer, table, widths, [.. table.Columns.Select(column => column.Heading)]);
        }

        foreach (string[] row in table.Rows)
        {
            WriteRow(writer, table, widths, row);
        }
    }

    public static void Write(TextWriter writer, IReadOnlyList<TextTreeNode> roots)
    {
        // Clones of snapshots of clones can nest deeper than a call stack: the stack is our own.
        Stack<(TextTreeNode Node, int Depth)> open = new(roots.Reverse().Select(root => (root, 0)));
        while (open.TryPop(out (TextTreeNode Node, int Depth) next))
        {
            writer.WriteLine(new string(' ', next.Depth * Gap.Length) + next.Node.Text);
            foreach (TextTreeNode child in Enumerable.Reverse(next.Node.Children))
            {
                open.Push((child, next.Depth + 1));
            }
        }
    }

    private static void WriteRow(TextWriter writer, TextTable table, int[] widths, string[] cells)
    {
        IEnumerable<string> padded = cells.Select((cell, i) =>
            table.Columns[i].IsRight ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
        writer.WriteLine(string.Join(Gap, padded).TrimEnd());
    }
}
