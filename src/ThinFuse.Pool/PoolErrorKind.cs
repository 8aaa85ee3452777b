namespace ThinFuse.Pool;

/// <summary>What kind of refusal a <see cref="PoolException"/> is; the command line maps each to an exit code.</summary>
public enum PoolErrorKind
{
    /// <summary>Something went wrong that fits no other kind.</summary>
    Failed,

    /// <summary>The request makes no sense: a bad name, size or option.</summary>
    Usage,

    /// <summary>The pool, or the host filesystem below it, has no room.</summary>
    NoSpace,

    /// <summary>In use by somebody.</summary>
    Busy,

    /// <summary>There is no such pool, volume or snapshot.</summary>
    NotFound,

    /// <summary>What is on disk is not what was written there.</summary>
    Damaged,

    /// <summary>The name is taken.</summary>
    Exists,
}
