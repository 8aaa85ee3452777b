using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ThinFuse.Cli.Output;

/// <summary>Where a command's result goes: JSON for scripts, otherwise lines, tables and trees for people.</summary>
/// <param name="stdout">Results.</param>
/// <param name="stderr">Warnings.</param>
/// <param name="json">Whether results are JSON.</param>
/// <param name="isTerminal">Whether a person looks at stdout: then tables have frames and colour, otherwise they are plain aligned
/// text.</param>
internal sealed class CommandOutput(TextWriter stdout, TextWriter stderr, bool json, bool isTerminal)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    /// <summary>Whether results are JSON.</summary>
    public bool IsJson => json;

    /// <summary>Shows a result: the value as JSON, or what <paramref name="forPeople"/> makes of it.</summary>
    public void Show<T>(T value, JsonTypeInfo<T> type, Action<T> forPeople)
    {
        if (!json)
        {
            forPeople(value);
            return;
        }

        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, Indented))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        stdout.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    /// <summary>For results that are text of their own making.</summary>
    public TextWriter Raw => stdout;

    /// <summary>A line for people.</summary>
    public void Line(string text) => stdout.WriteLine(text);

    /// <summary>One of many results that come one by one: the JSON line as it is, or what <paramref name="forPeople"/> makes of it.</summary>
    public void Line(string jsonLine, Func<string, string> forPeople) => stdout.WriteLine(json ? jsonLine : forPeople(jsonLine));

    /// <summary>What the lines before come to, for people only: scripts add up for themselves.</summary>
    public void Summary(string text)
    {
        if (!json)
        {
            stdout.WriteLine(text);
        }
    }

    /// <summary>A table for people.</summary>
    public void Table(TextTable table)
    {
        if (isTerminal)
        {
            TerminalRenderer.Write(stdout, table);
        }
        else
        {
            PlainRenderer.Write(stdout, table);
        }
    }

    /// <summary>A tree for people.</summary>
    public void Tree(IReadOnlyList<TextTreeNode> roots)
    {
        if (isTerminal)
        {
            TerminalRenderer.Write(stdout, roots);
        }
        else
        {
            PlainRenderer.Write(stdout, roots);
        }
    }

    /// <summary>How far long work is, on a line that the next one takes the place of; only where a person looks. Empty when it is over.</summary>
    public void Progress(string text)
    {
        if (isTerminal && !json)
        {
            stderr.Write($"\r{text}\u001b[K");
        }
    }

    /// <summary>A line on stderr that tells how far a long command is, when a person looks there.</summary>
    public StatusLine NewStatusLine() => new(stderr, ReferenceEquals(stderr, Console.Error) && !Console.IsErrorRedirected);

    /// <summary>Something to know beside the results, which stay free of it.</summary>
    public void Note(string text) => stderr.WriteLine($"thinfuse: {text}");

    /// <summary>Something that went less well than asked, and did not stop the command.</summary>
    public void Warn(string text) => stderr.WriteLine($"thinfuse: warning: {text}");
}
