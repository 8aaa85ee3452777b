using System.ComponentModel;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Daemon.Control.Client;

/// <summary>HTTP with JSON bodies over the control socket: one request, one answer or one <see cref="ControlException"/>.
/// Thread-safe.</summary>
internal sealed class ControlChannel : IDisposable
{
    // The errno values that have an answer of their own. Socket reports ENOENT of a Unix socket's path as EADDRNOTAVAIL.
    private const int NoSuchFile = 2;
    private const int NoAccess = 13;
    private const int AddressNotAvailable = 99;
    private const int ConnectionRefused = 111;

    private const int SuccessionPollMs = 20;

    /// <summary>How long a process that takes over may take to listen.</summary>
    private static readonly TimeSpan SuccessionPatience = TimeSpan.FromSeconds(30);

    private readonly string _poolDirectory;
    private readonly HttpClient _http;

    public ControlChannel(string poolDirectory)
    {
        _poolDirectory = Path.GetFullPath(poolDirectory);
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = (_, cancel) => ConnectAsync(cancel),
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,

            // Sooner than the daemon closes a connection that says nothing, so that no request meets the close.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task<TAnswer> GetAsync<TAnswer>(string route, JsonTypeInfo<TAnswer> answerType, CancellationToken cancel)
    {
        using HttpRequestMessage message = new(HttpMethod.Get, route);
        return Parse(await ExchangeAsync(message, cancel).ConfigureAwait(false), answerType);
    }

    public async Task<TAnswer> SendAsync<TRequest, TAnswer>(
        HttpMethod method,
        string route,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancel)
    {
        using ByteArrayContent content = new(JsonSerializer.SerializeToUtf8Bytes(request, requestType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpRequestMessage message = new(method, route) { Content = content };
        return Parse(await ExchangeAsync(message, cancel).ConfigureAwait(false), answerType);
    }

    public async Task<TAnswer> DeleteAsync<TAnswer>(string route, JsonTypeInfo<TAnswer> answerType, CancellationToken cancel)
    {
        using HttpRequestMessage message = new(HttpMethod.Delete, route);
        return Parse(await ExchangeAsync(message, cancel).ConfigureAwait(false), answerType);
    }

    public async Task DeleteAsync(string route, CancellationToken cancel)
    {
        using HttpRequestMessage message = new(HttpMethod.Delete, route);
        await ExchangeAsync(message, cancel).ConfigureAwait(false);
    }

    /// <summary>The lines of an answer as they come. That it ends says that it is whole.</summary>
    public async IAsyncEnumerable<string> GetLinesAsync(string route, [EnumeratorCancellation] CancellationToken cancel)
    {
        using HttpRequestMessage message = new(HttpMethod.Get, route);
        using HttpResponseMessage response = await AnswerOrLossAsync(
            () => _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancel)).ConfigureAwait(false);
        using Stream body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        using StreamReader reader = new(body);
        if (!response.IsSuccessStatusCode)
        {
            string refusal = await AnswerOrLossAsync(() => reader.ReadToEndAsync(cancel)).ConfigureAwait(false);
            throw Refusal((int)response.StatusCode, Encoding.UTF8.GetBytes(refusal));
        }

        while (await AnswerOrLossAsync(() => reader.ReadLineAsync(cancel).AsTask()).ConfigureAwait(false) is { } line)
        {
            yield return line;
        }
    }

    public void Dispose() => _http.Dispose();

    private Task<byte[]> ExchangeAsync(HttpRequestMessage message, CancellationToken cancel) => AnswerOrLossAsync(async () =>
    {
        using HttpResponseMessage response = await _http.SendAsync(message, cancel).ConfigureAwait(false);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? body : throw Refusal((int)response.StatusCode, body);
    });

    private async Task<T> AnswerOrLossAsync<T>(Func<Task<T>> exchange)
    {
        try
        {
            return await exchange().ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is ControlException cause)
        {
            throw cause;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ControlException(
                ControlErrorKind.Failed, $"the daemon of pool {_poolDirectory} went away before it answered; see daemon.log there", e);
        }
    }

    /// <summary>Connects. While the pool has an owner with a successor, nobody listening means that this one is about to take over.</summary>
    private async ValueTask<Stream> ConnectAsync(CancellationToken cancel)
    {
        long deadlineMs = Environment.TickCount64 + (long)SuccessionPatience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return await ConnectOnceAsync(cancel).ConfigureAwait(false);
            }
            catch (ControlException e) when (e.Kind == ControlErrorKind.NotFound && Environment.TickCount64 < deadlineMs && HasSuccession())
            {
                await Task.Delay(SuccessionPollMs, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether somebody will listen soon although nobody does now.</summary>
    private bool HasSuccession()
    {
        try
        {
            return PoolLock.TryReadOwner(_poolDirectory) is { HasSuccessor: true };
        }
        catch (StorageException)
        {
            // The lock cannot be looked at: then the refusal stands.
            return false;
        }
    }

    private async ValueTask<Stream> ConnectOnceAsync(CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using ControlSocket address = new(_poolDirectory);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Address), cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Win32Exception e)
        {
            // A SocketException is one too, with the errno of connect(2).
            socket.Dispose();
            throw Unreachable(e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private ControlException Unreachable(Win32Exception cause) => cause.NativeErrorCode switch
    {
        NoSuchFile or AddressNotAvailable or ConnectionRefused => new ControlException(
            ControlErrorKind.NotFound, $"no daemon serves pool {_poolDirectory}; mount it first", cause),
        NoAccess => new ControlException(
            ControlErrorKind.Failed,
            $"no permission to speak to the daemon of pool {_poolDirectory}; run this as the user who mounted it, or as root",
            cause),
        _ => new ControlException(
            ControlErrorKind.Failed, $"the daemon of pool {_poolDirectory} cannot be reached: {cause.Message}", cause),
    };

    private ControlException Refusal(int status, byte[] body)
    {
        try
        {
            ControlError? error = JsonSerializer.Deserialize(body, ControlJsonContext.Default.ControlError);
            if (error is not null)
            {
                return new ControlException(error.Kind, error.Message);
            }
        }
        catch (JsonException e)
        {
            return Misunderstood($"HTTP status {status} without an error that is known here", e);
        }

        return Misunderstood($"HTTP status {status}", null);
    }

    private TAnswer Parse<TAnswer>(byte[] body, JsonTypeInfo<TAnswer> answerType)
    {
        try
        {
            return JsonSerializer.Deserialize(body, answerType) ?? throw Misunderstood("an empty answer", null);
        }
        catch (JsonException e)
        {
            throw Misunderstood(e.Message, e);
        }
    }

    private ControlException Misunderstood(string what, Exception? cause) => new(
        ControlErrorKind.Failed,
        $"the answer of the daemon of pool {_poolDirectory} is not understood ({what}); is it another version than this command?",
        cause);
}
