using System.Text;

namespace ThinFuse.Cli.Output;

/// <summary>Aligned text without frames or colour, for pipes and files.</summary>
internal static class PlainRenderer
{
    private const string Gap = "  ";

    /// <summary>Writes a table, in one piece: it may have thousands of rows.</summary>
    public static void Write(TextWriter writer, TextTable table)
    {
        StringBuilder text = new();
        int[] widths = [.. table.Columns.Select((column, i) =>
            table.Rows.Select(row => row[i].Length).Append(column.Heading.Length).Max())];
        if (table.HasHeadings)
        {
            AppendRow([.. table.Columns.Select(column => column.Heading)]);
        }

        foreach (string[] row in table.Rows)
        {
            AppendRow(row);
        }

        writer.Write(text);

        void AppendRow(string[] cells)
        {
            IEnumerable<string> padded = cells.Select((cell, i) =>
                table.Columns[i].IsRight ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append(string.Join(Gap, padded).TrimEnd()).Append(writer.NewLine);
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
}
