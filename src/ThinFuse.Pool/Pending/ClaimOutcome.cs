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
}
