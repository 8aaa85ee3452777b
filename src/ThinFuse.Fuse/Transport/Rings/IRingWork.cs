namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>What the thread of a ring leaves to a thread that may block.</summary>
internal interface IRingWork
{
    /// <summary>Does it. Does not throw.</summary>
    void Work();
}
