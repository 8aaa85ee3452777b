namespace ThinFuse.Pool;

/// <summary>What becomes of the host's space behind extents that are free.</summary>
public enum DiscardPolicy
{
    /// <summary>The pool keeps it: a later write finds it there.</summary>
    Keep,

    /// <summary>
    /// The host gets it back, in the background: what is free in the pool is free on the host, also where a node file was made with all of its space. On a
    /// host that has filled up meanwhile a later write is refused for want of space.
    /// </summary>
    Passdown,
}
