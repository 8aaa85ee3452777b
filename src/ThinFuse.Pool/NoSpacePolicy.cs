namespace ThinFuse.Pool;

/// <summary>What a write meets when the pool has no extent for it.</summary>
public enum NoSpacePolicy
{
    /// <summary>It is refused at once.</summary>
    Error,

    /// <summary>It waits for space, behind those that wait already, and is refused when its time is up.</summary>
    Queue,
}
