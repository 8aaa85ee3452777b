using Spectre.Console;

namespace ThinFuse.Cli.Output;

/// <summary>Tables and trees as Spectre draws them. The only place that loads that library, so that pipes do not pay for it.</summary>
internal static class TerminalRenderer
{
    public static void Write(TextWriter writer, TextTable table)
    {
        Table view = new() { ShowHeaders = table.HasHeadings, Border = table.HasHeadings ? TableBorder.Rounded : TableBorder.None };
        foreach (TextColumn column in table.Columns)
        {
            TableColumn drawn = new(new Markup($"[bold]{Markup.Escape(column.Heading)}[/]")) { NoWrap = true };
            view.AddColumn(column.IsRight ? drawn.RightAligned() : drawn);
        }

        foreach (string[] row in table.Rows)
        {
            view.AddRow(row.Select((cell, i) => new Text(cell, !table.HasHeadings && i == 0 ? new Style(Color.Grey) : Style.Plain)));
        }

        ConsoleOn(writer).Write(view);
    }

    public static void Write(TextWriter writer, IReadOnlyList<TextTreeNode> roots)
    {
        foreach (TextTreeNode root in roots)
        {
            Tree view = new(new Text(root.Text)) { Guide = TreeGuide.Line };
            Stack<(TextTreeNode Node, IHasTreeNodes View)> open = new([(root, view)]);
            while (open.TryPop(out (TextTreeNode Node, IHasTreeNodes View) next))
            {
                foreach (TextTreeNode child in next.Node.Children)
                {
                    open.Push((child, next.View.AddNode(new Text(child.Text))));
                }
            }

            ConsoleOn(writer).Write(view);
        }
    }

    private static IAnsiConsole ConsoleOn(TextWriter writer) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
