namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Makes what was received so far durable, and remembers how far that goes.</summary>
/// <param name="KeptBytes">The offset before which everything has been written.</param>
public sealed record ReceiveKeepRequest(long KeptBytes);
