namespace ThinFuse.Daemon.Files.Steps;

/// <summary>Who may touch a <see cref="WriteStep"/>.</summary>
internal enum WriteState
{
    /// <summary>The thread that maps, moves, publishes or cancels.</summary>
    Running,

    /// <summary>
    /// The engine called Resume while a thread was at work: before Map had returned, or during a cancellation. That thread sees it.
    /// </summary>
    ResumedEarly,

    /// <summary>Nobody, until the engine resumes it or the caller is interrupted.</summary>
    Parked,

    /// <summary>Answered with EINTR; kept until the engine, which still knows it as a waiter, resumes it.</summary>
    Cancelled,
}
