using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>What a client of the control API can take of the daemon at most. A body must also arrive at 240 bytes a second, after 5 s of grace.</summary>
internal static class ClientLimits
{
    /// <summary>How many connections there are at a time, followers of events among them; more are closed as they come.</summary>
    public const int MaxConnections = 128;

    /// <summary>How long a request's body may be.</summary>
    public const int MaxBodyBytes = 1 << 20;

    private const int MaxHeadersBytes = 16 << 10;

    /// <summary>How long a request's head may take to arrive.</summary>
    private static readonly TimeSpan HeadPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may be without a request.</summary>
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(30);

    /// <summary>Sets them.</summary>
    public static void Apply(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxRequestBodySize = MaxBodyBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeadersBytes;
        limits.RequestHeadersTimeout = HeadPatience;
        limits.KeepAliveTimeout = IdlePatience;
    }
}
