using System.Text.Json;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Events;

/// <summary>Writes events as lines. A line stays below 16 KiB, so that what is kept of the stream is bounded.</summary>
internal static class EventLines
{
    private const int MaxMessageChars = 2000;

    /// <summary>An event of the pool.</summary>
    public static StreamedEvent Of(long sequence, PoolEvent happened) => new(sequence, happened.Kind, Encode(new EventResponse
    {
        Sequence = sequence,
        Time = happened.At,
        Kind = happened.Kind,
        Message = happened.Message.Length > MaxMessageChars ? happened.Message[..MaxMessageChars] : happened.Message,
        Volume = happened.Volume,
        Origin = happened.Origin,
        PreviousName = happened.PreviousName,
        Node = happened.Node,
        Count = happened.Count,
        SizeBytes = happened.SizeBytes,
        PreviousSizeBytes = happened.PreviousSizeBytes,
        TotalBytes = happened.TotalBytes,
        FreeBytes = happened.FreeBytes,
        WantedBytes = happened.WantedBytes,
    }));

    /// <summary>What a reader gets in place of events that it was too slow for.</summary>
    public static StreamedEvent Lost(long count) =>
        new(0, PoolEventKinds.EventsLost, Encode(new EventResponse { Kind = PoolEventKinds.EventsLost, Count = count }));

    private static byte[] Encode(EventResponse line) => [.. JsonSerializer.SerializeToUtf8Bytes(line, ControlJsonContext.Default.EventResponse), (byte)'\n'];
}
