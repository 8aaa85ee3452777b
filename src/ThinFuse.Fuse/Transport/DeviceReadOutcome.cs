namespace ThinFuse.Fuse.Transport;

/// <summary>What came of a read of the device.</summary>
internal enum DeviceReadOutcome
{
    /// <summary>A message is in the request's memory.</summary>
    Received,

    /// <summary>Nothing; the next read may bring something.</summary>
    Retry,

    /// <summary>There is none now, and the descriptor does not wait.</summary>
    Empty,

    /// <summary>The connection is over.</summary>
    Over,

    /// <summary>The device failed, which is logged.</summary>
    Failed,
}
