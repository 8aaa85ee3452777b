using System.Globalization;

namespace ThinFuse.Cli.Output;

/// <summary>Says on a terminal which part of long work is done, and is gone when all is. For one thread.</summary>
internal sealed class ProgressLine(CommandOutput output, string verb) : IProgress<double>
{
    private int _percent;

    /// <inheritdoc/>
    public void Report(double value)
    {
        int percent = (int)(Math.Clamp(value, 0, 1) * 100);
        if (percent != _percent)
        {
            _percent = percent;
            output.Progress(percent < 100 ? string.Create(CultureInfo.InvariantCulture, $"{verb} {percent} %") : "");
        }
    }
}
