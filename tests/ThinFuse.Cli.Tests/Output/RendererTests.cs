using ThinFuse.Cli.Output;

namespace ThinFuse.Cli.Tests.Output;

public sealed class RendererTests
{
    private const int Depth = 5000;

    [Fact]
    public void A_terminal_gets_a_frame_and_the_text_as_it_is()
    {
        TextTable table = new(new TextColumn("name"), new TextColumn("size", IsRight: true));
        table.Add("/pool/[red]x[/]", "1 GiB");
        using StringWriter writer = new();

        TerminalRenderer.Write(writer, table);

        writer.ToString().Should().Contain("│ /pool/[red]x[/] │ 1 GiB │");
    }

    [Fact]
    public void A_terminal_gets_a_tree_with_guides()
    {
        TextTreeNode root = new("vm1");
        root.Children.Add(new TextTreeNode("vm1@monday"));
        root.Children[0].Children.Add(new TextTreeNode("vm2"));
        using StringWriter writer = new();

        TerminalRenderer.Write(writer, [root]);

        writer.ToString().Split('\n').Select(line => line.TrimEnd()).Should().StartWith(["vm1", "└── vm1@monday", "    └── vm2"]);
    }

    [Fact]
    public void A_tree_deeper_than_a_call_stack_is_written_whole()
    {
        TextTreeNode root = new("0");
        TextTreeNode last = root;
        for (int depth = 1; depth <= Depth; depth++)
        {
            last.Children.Add(new TextTreeNode(depth.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            last = last.Children[0];
        }

        using StringWriter writer = new();

        PlainRenderer.Write(writer, [root]);

        writer.ToString().TrimEnd().Should().EndWith($" {Depth}");
    }

    [Fact]
    public void An_empty_table_is_its_headings()
    {
        using StringWriter writer = new();

        PlainRenderer.Write(writer, new TextTable(new TextColumn("name"), new TextColumn("size", IsRight: true)));

        writer.ToString().Should().Be("name  size\n");
    }
}
