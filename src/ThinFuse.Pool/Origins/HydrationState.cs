namespace ThinFuse.Pool.Origins;

/// <summary>Whether an external origin is being copied into the pool. The first three are on disk: never renumber.</summary>
public enum HydrationState : byte
{
    /// <summary>Nobody asked for it, or it was stopped: blocks come from the origin until they are written.</summary>
    Off = 0,

    /// <summary>The rest is copied in the background.</summary>
    Running = 1,

    /// <summary>It waits to be resumed.</summary>
    Paused = 2,

    /// <summary>It met an error: it goes on when it is asked for again, or at the next opening.</summary>
    Failed = 3,

    /// <summary>It waits for space, and goes on by itself when there is some.</summary>
    Waiting = 4,
}
