namespace ThinFuse.Daemon.Events;

/// <summary>An event as readers get it.</summary>
/// <param name="Sequence">Its number in the stream; 0 for the notice that events are lost.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Line">JSON in UTF-8, ended by the only newline in it.</param>
internal sealed record StreamedEvent(long Sequence, string Kind, ReadOnlyMemory<byte> Line);
