namespace ThinFuse.Daemon.Supervision;

/// <summary>What supervisor and server tell each other. Numbers are never reused: an upgrade has a newer server speak to an older supervisor.</summary>
internal enum SupervisionMessageKind : byte
{
    /// <summary>Either way: descriptors that belong to the next message of another kind.</summary>
    Descriptors = 1,

    /// <summary>To the server, first of all: a <see cref="StartOrder"/>, with the descriptors that were kept.</summary>
    Start = 2,

    /// <summary>To the supervisor: keep these descriptors, and this body for the successor.</summary>
    Keep = 3,

    /// <summary>To the supervisor: the mount serves.</summary>
    Serving = 4,

    /// <summary>To the supervisor: a line for the command that waits.</summary>
    Line = 5,

    /// <summary>To the supervisor: nothing can be kept, so that it is not needed.</summary>
    LetGo = 6,

    /// <summary>To the supervisor: this server is about to end for a successor; a <see cref="HandOverOrder"/>.</summary>
    HandOver = 7,

    /// <summary>To the supervisor: the mount has ended, and so will this server.</summary>
    Ending = 8,
}
