using System.Text.Json;
using ThinFuse.Cli.Errors;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary>Reads the lines of a comparison.</summary>
internal static class DiffRange
{
    /// <summary>Reads a line.</summary>
    /// <exception cref="CommandFailure">It is no range.</exception>
    public static DiffRangeResponse Parse(string jsonLine)
    {
        try
        {
            return JsonSerializer.Deserialize(jsonLine, ControlJsonContext.Default.DiffRangeResponse) ?? throw NoRange(null);
        }
        catch (JsonException e)
        {
            throw NoRange(e);
        }
    }

    private static CommandFailure NoRange(Exception? cause) => new(
        ControlErrorKind.Failed, "the daemon sent a line that is no range; is it another version than this command? --json shows it", cause);
}
