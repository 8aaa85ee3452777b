using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Turns exceptions of endpoints into answers: a kind, and one line.</summary>
internal static class ErrorAnswers
{
    /// <summary>The middleware around all endpoints.</summary>
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer. What was begun in the engine has been done.
            logger.LogInformation("{Method} {Path}: the client went away", http.Request.Method, http.Request.Path);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            ControlError error = Describe(exception);
            if (error.Kind is ControlErrorKind.Failed or ControlErrorKind.Damaged)
            {
                logger.LogError(exception, "{Method} {Path}: {Reason}", http.Request.Method, http.Request.Path, error.Message);
            }

            await WriteAsync(http, error).ConfigureAwait(false);
        }
    }

    /// <summary>The answer to what no route matches.</summary>
    public static Task NoSuchRouteAsync(HttpContext http) => WriteAsync(
        http, new ControlError(ControlErrorKind.NotFound, $"the control API has no {http.Request.Method} {http.Request.Path}"));

    private static Task WriteAsync(HttpContext http, ControlError error) =>
        JsonExchange.WriteAsync(http, error, JsonExchange.Json.ControlError, error.Kind.ToHttpStatus());

    private static ControlError Describe(Exception exception)
    {
        ControlErrorKind kind = exception switch
        {
            PoolException refusal => ErrorKinds.Of(refusal.Kind),
            StorageException { IsNoSpace: true } => ControlErrorKind.NoSpace,
            BadHttpRequestException => ControlErrorKind.Usage,
            _ => ControlErrorKind.Failed,
        };
        return new ControlError(kind, exception.Message.ReplaceLineEndings(" "));
    }
}
