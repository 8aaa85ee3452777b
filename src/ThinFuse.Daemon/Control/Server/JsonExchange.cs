using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Bodies of requests and answers.</summary>
internal static class JsonExchange
{
    /// <summary>How the endpoints read and write.</summary>
    public static ControlJsonContext Json => ControlJsonContext.Default;

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="PoolException">Usage: it is not what the contract says.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted).ConfigureAwait(false)
                ?? throw new PoolException(PoolErrorKind.Usage, "the request's body is null; it must be an object");
        }
        catch (JsonException exception)
        {
            throw new PoolException(PoolErrorKind.Usage, $"the request's body is not understood: {exception.Message}", exception);
        }
    }

    /// <summary>Writes an answer's body.</summary>
    public static async Task WriteAsync<T>(HttpContext http, T answer, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, answer, type, http.RequestAborted).ConfigureAwait(false);
    }
}
