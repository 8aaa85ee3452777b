using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ThinFuse.Pool.Recovery;

/// <summary>Where the time of opening a pool goes: one line for the log.</summary>
internal sealed class OpeningTimes
{
    private readonly StringBuilder _parts = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Says what has been done since the last call.</summary>
    public void Did(string what)
    {
        long now = Stopwatch.GetTimestamp();
        _parts.Append(CultureInfo.InvariantCulture, $"{(_parts.Length == 0 ? "" : ", ")}{what} {Stopwatch.GetElapsedTime(_last, now).TotalMilliseconds:f0} ms");
        _last = now;
    }

    /// <summary>The total, and the parts of it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_start, _last).TotalMilliseconds:f0} ms ({_parts})");
}
