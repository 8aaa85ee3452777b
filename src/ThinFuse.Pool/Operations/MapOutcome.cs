namespace ThinFuse.Pool.Operations;

/// <summary>What the map step of a write says.</summary>
public enum MapOutcome
{
    /// <summary>Mapped: move the data, then publish or abort.</summary>
    Ready,

    /// <summary>Another operation is in the way; the waiter is resumed when it may be tried again. What was claimed so far is kept.</summary>
    Parked,

    /// <summary>There are not enough free extents; nothing is held.</summary>
    NoSpace,

    /// <summary>
    /// There are not enough free extents, but a commit may bring some, and that blocks; nothing is held. Map again where blocking is allowed.
    /// </summary>
    MustBlock,
}
