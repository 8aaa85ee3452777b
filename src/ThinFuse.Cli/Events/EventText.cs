using System.Globalization;
using System.Text.Json;
using ThinFuse.Cli.Errors;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Events;

/// <summary>An event as a line for people: time, kind, message.</summary>
internal static class EventText
{
    private const int KindWidth = 18;

    /// <summary>Makes the line.</summary>
    /// <exception cref="CommandFailure">It is no event.</exception>
    public static string Of(string jsonLine)
    {
        EventResponse happened = Parse(jsonLine);
        string time = happened.Time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";
        string message = happened.Kind == PoolEventKinds.EventsLost
            ? $"{happened.Count} events are not kept any more"
            : ErrorTranslator.OneLine(happened.Message ?? "");
        return $"{time,-20}  {happened.Kind.PadRight(KindWidth)}  {message}";
    }

    private static EventResponse Parse(string jsonLine)
    {
        try
        {
            return JsonSerializer.Deserialize(jsonLine, ControlJsonContext.Default.EventResponse) ?? throw NoEvent(null);
        }
        catch (JsonException e)
        {
            throw NoEvent(e);
        }
    }

    private static CommandFailure NoEvent(Exception? cause) => new(
        ControlErrorKind.Failed, "the daemon sent a line that is no event; is it another version than this command? --json shows it", cause);
}
