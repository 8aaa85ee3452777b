namespace ThinFuse.Pool.Operations;

/// <summary>Whoever waits for a map step that could not be taken at once.</summary>
public interface IParked
{
    /// <summary>
    /// Called once, on the thread that made the way free and outside all engine locks: call Map again. Must not block.
    /// May be called before the Map that parked has returned.
    /// </summary>
    void Resume();
}
