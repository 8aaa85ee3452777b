namespace ThinFuse.Cli.Output;

/// <summary>A line on a terminal that tells how far something is, written over again and again; nothing where no person looks.</summary>
/// <param name="terminal">Where it goes.</param>
/// <param name="isShown">Whether a person looks there.</param>
internal sealed class StatusLine(TextWriter terminal, bool isShown) : IDisposable
{
    private const long IntervalMs = 500;

    private long _nextMs = Environment.TickCount64 + IntervalMs;
    private int _width;

    /// <summary>Shows how far it is, unless that was shown just now.</summary>
    public void Show(Func<string> text)
    {
        if (isShown && Environment.TickCount64 >= _nextMs)
        {
            _nextMs = Environment.TickCount64 + IntervalMs;
            Write(text());
        }
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        if (_width != 0)
        {
            Write("");
            terminal.Write('\r');
            _width = 0;
        }
    }

    private void Write(string text)
    {
        terminal.Write('\r' + text.PadRight(_width));
        terminal.Flush();
        _width = text.Length;
    }
}
