using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Supervision;

/// <summary>Why a server is started.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RestartCause>))]
internal enum RestartCause
{
    /// <summary>It is the first.</summary>
    None,

    /// <summary>The one before it died.</summary>
    Death,

    /// <summary>The one before it was asked to hand over to this one.</summary>
    Upgrade,

    /// <summary>The one that was to take over never came to serve; this is again what served before.</summary>
    FailedUpgrade,
}
