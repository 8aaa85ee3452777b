namespace ThinFuse.Cli.Output;

/// <summary>stdout for results.</summary>
internal static class ResultWriter
{
    private const int BufferChars = 32 << 10;

    /// <summary>
    /// What goes there goes at once, in pieces as large as it was written in. The console's own writer, which a terminal has, makes a system call of every 256
    /// characters.
    /// </summary>
    public static TextWriter Open() => Console.IsOutputRedirected
        ? new StreamWriter(Console.OpenStandardOutput(), Console.OutputEncoding, BufferChars) { AutoFlush = true }
        : Console.Out;
}
