namespace ThinFuse.Pool.Transfer;

/// <summary>Reads the snapshot that is sent: fills the buffer from the offset on, or throws.</summary>
/// <param name="offsetBytes">Where.</param>
/// <param name="buffer">Filled whole.</param>
public delegate void TransferRead(long offsetBytes, Span<byte> buffer);
