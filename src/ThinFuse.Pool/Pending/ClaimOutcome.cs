namespace ThinFuse.Pool.Pending;

/// <summary>Whether a claim was granted.</summary>
internal enum ClaimOutcome
{
    /// <summary>Granted; it must be settled.</summary>
    Granted,

    /// <summary>Somebody holds a block of it; the waiter is resumed when claims on the chunk change.</summary>
    Conflict,

    /// <summary>A new extent is needed and there is none.</summary>
    NoSpace,

    /// <summary>The chunk is promised, and the extents that are kept for it wait to be used again: a commit brings them.</summary>
    InTransit,
}
