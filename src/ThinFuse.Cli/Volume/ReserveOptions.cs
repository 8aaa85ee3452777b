using System.CommandLine;
using System.Globalization;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary>The options that say what a pool keeps ready for a volume.</summary>
internal sealed class ReserveOptions
{
    private readonly Option<string?> _reserve = new("--reserve")
    {
        Description = "Space kept ready: none, full (every write inside its size succeeds), or an amount for when the pool has nothing else.",
        HelpName = "none|full|SIZE",
        CustomParser = Input.Parse<string?>(TryParseReserve),
    };

    private readonly Option<string?> _when = new("--reserve-when")
    {
        Description = "Keep it always, or only while the volume is open for writing.",
        HelpName = "always|open",
        CustomParser = Input.Words<string?>("neither", (ReserveWords.Always, ReserveWords.Always), (ReserveWords.Open, ReserveWords.Open)),
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_reserve);
        command.Add(_when);
    }

    /// <summary>What is given, in the words of the control API.</summary>
    public (string? Reserve, string? When) Of(ParseResult parse) => (parse.GetValue(_reserve), parse.GetValue(_when));

    private static bool TryParseReserve(string text, out string? reserve, out string problem)
    {
        (reserve, problem) = (text, "");
        if (text is ReserveWords.None or ReserveWords.Full)
        {
            return true;
        }

        bool isSize = Size.TryParse(text, out long bytes, out _);
        reserve = bytes.ToString(CultureInfo.InvariantCulture);
        problem = isSize ? "" : $"'{text}' is no reserve; give none, full, or a size such as 64M";
        return isSize;
    }
}
