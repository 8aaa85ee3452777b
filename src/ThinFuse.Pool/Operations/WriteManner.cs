namespace ThinFuse.Pool.Operations;

/// <summary>How a write inside the engine differs from a user's.</summary>
[Flags]
internal enum WriteManner
{
    /// <summary>It passes the volume's gate, and grows the volume.</summary>
    Ordinary = 0,

    /// <summary>The caller has passed or closed the gate.</summary>
    GateIsHeld = 1,

    /// <summary>What lies behind the volume's end stays behind it.</summary>
    KeepsSize = 2,
}
