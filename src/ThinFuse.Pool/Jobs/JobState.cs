namespace ThinFuse.Pool.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>It copies.</summary>
    Running,

    /// <summary>It waits until somebody lets it go on.</summary>
    Paused,

    /// <summary>The pool has no space for it: it goes on when there is some that no write waits for.</summary>
    Waiting,

    /// <summary>All is done.</summary>
    Completed,

    /// <summary>Somebody ended it. What it had copied stays.</summary>
    Cancelled,

    /// <summary>It met an error, and ended.</summary>
    Failed,
}
