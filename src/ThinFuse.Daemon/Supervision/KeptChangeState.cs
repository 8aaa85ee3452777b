namespace ThinFuse.Daemon.Supervision;

/// <summary>How far a change of names is.</summary>
internal enum KeptChangeState : uint
{
    /// <summary>No change, or one that was refused.</summary>
    None,

    /// <summary>It may be made or not; the pool tells.</summary>
    Begun,

    /// <summary>It is made; the request may be answered or not.</summary>
    Done,
}
