using Microsoft.AspNetCore.Http;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>What a query says that is true or false.</summary>
internal static class QueryFlag
{
    /// <summary>Whether a flag is set; one that is not named is not.</summary>
    /// <exception cref="PoolException">Usage: it is neither true nor false.</exception>
    public static bool IsSet(HttpRequest request, string name)
    {
        string? value = request.Query[name];
        return value is null or "false" ? false
            : value == "true" ? true
            : throw new PoolException(PoolErrorKind.Usage, $"'{value}' says neither true nor false; ask with {name}=true or without it");
    }
}
