using System.Text;

namespace ThinFuse.Cli.Output;

/// <summary>Aligned text without frames or colour, for pipes and files.</summary>
internal static class PlainRenderer
{
    private const string Gap = "  ";

    /// <summary>Writes a table, in one piece: it may have thousands of rows.</summary>
    public static void Write(TextWriter writer, TextTable table)
    {
        int[] widths = new int[table.Columns.Count];
        string[] headings = [.. table.Columns.Select(column => column.Heading)];
        Widen(widths, headings);
        foreach (string[] row in table.Rows)
        {
            Widen(widths, row);
        }

        StringBuilder text = new();
        if (table.HasHeadings)
        {
            AppendRow(text, table, widths, headings, writer.NewLine);
        }

        foreach (string[] row in table.Rows)
        {
            AppendRow(text, table, widths, row, writer.NewLine);
        }

        writer.Write(text);
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

    private static void Widen(int[] widths, string[] cells)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            widths[i] = Math.Max(widths[i], cells[i].Length);
        }
    }

    private static void AppendRow(StringBuilder text, TextTable table, int[] widths, string[] cells, string newLine)
    {
        // Blanks are held back until something follows them: a line does not end with any.
        int blanks = 0;
        for (int i = 0; i < cells.Length; i++)
        {
            int padding = widths[i] - cells[i].Length;
            string cell = cells[i].TrimEnd();
            if (cell.Length > 0)
            {
                text.Append(' ', blanks + (table.Columns[i].IsRight ? padding : 0)).Append(cell);
                blanks = cells[i].Length - cell.Length + (table.Columns[i].IsRight ? 0 : padding);
            }
            else
            {
                blanks += widths[i];
            }

            blanks += Gap.Length;
        }

        text.Append(newLine);
    }
}
