using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Where a background job stands.</summary>
[JsonConverter(typeof(WireNameConverter<JobState>))]
public enum JobState
{
    /// <summary>It copies.</summary>
    Running,

    /// <summary>It waits until it is resumed.</summary>
    Paused,

    /// <summary>The pool has no space for it: it goes on by itself when there is some that no write waits for.</summary>
    Waiting,

    /// <summary>All is done.</summary>
    Completed,

    /// <summary>Somebody ended it; what it copied stays.</summary>
    Cancelled,

    /// <summary>It met an error and ended.</summary>
    Failed,
}
