namespace ThinFuse.Pool.Operations;

/// <summary>How a write differs from a user's that may block.</summary>
[Flags]
internal enum WriteManner
{
    /// <summary>It passes the volume's gate, and grows the volume.</summary>
    Ordinary = 0,

    /// <summary>The caller has passed or closed the gate.</summary>
    GateIsHeld = 1,

    /// <summary>What lies behind the volume's end stays behind it.</summary>
    KeepsSize = 2,

    /// <summary>The thread may not wait for a commit, nor for operations under way, which may need that very thread to end.</summary>
    MustNotBlock = 4,

    /// <summary>Without space it waits, where the pool's policy is to wait: its caller can be parked for long.</summary>
    Queues = 8,
}
