namespace ThinFuse.Pool;

/// <summary>What the pool can do now; the order is the order of severity.</summary>
public enum PoolMode
{
    /// <summary>Everything works.</summary>
    Write,

    /// <summary>The last write that needed a new extent was refused; owned blocks can be written, and space coming back ends this by itself.</summary>
    OutOfSpace,

    /// <summary>Nothing may be changed.</summary>
    ReadOnly,

    /// <summary>A metadata write or an fsync failed: nothing is acknowledged any more until the pool is opened again.</summary>
    Failed,
}
