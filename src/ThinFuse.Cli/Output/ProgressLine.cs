using System.Globalization;

namespace ThinFuse.Cli.Output;

/// <summary>A line on a terminal that says how far long work has come, and is gone when that is done. For one thread.</summary>
internal sealed class ProgressLine(TextWriter terminal, string verb) : IProgress<double>
{
    private int _percent = -1;

    /// <inheritdoc/>
    public void Report(double value)
    {
        int percent = (int)(Math.Clamp(value, 0, 1) * 100);
        if (percent != _percent)
        {
            _percent = percent;
            terminal.Write(percent < 100 ? string.Create(CultureInfo.InvariantCulture, $"\r{verb} {percent} %") : "\r\u001b[K");
            terminal.Flush();
        }
    }
}
