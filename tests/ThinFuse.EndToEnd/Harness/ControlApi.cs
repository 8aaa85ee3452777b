using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>
/// A pool's control API, asked as any HTTP client may: what a test only sets up or looks at by it needs no process of its own. Each request has a connection
/// of its own, so that none is left over when a daemon dies.
/// </summary>
internal sealed class ControlApi : IDisposable
{
    private const string SocketName = "control.sock";

    private readonly HttpClient _http;

    /// <summary>Connects to nothing yet.</summary>
    public ControlApi(string poolDirectory)
    {
        UnixDomainSocketEndPoint address = new(Path.Combine(poolDirectory, SocketName));
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancel) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(address, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            PooledConnectionLifetime = TimeSpan.Zero,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = Tool.Patience };
    }

    /// <summary>The answer to a GET; null when nobody answered.</summary>
    /// <exception cref="HttpRequestException">It was refused.</exception>
    public JsonElement? TryGet(string route) => Try(() => Exchange(HttpMethod.Get, route, null), loss => loss.StatusCode is null);

    /// <summary>The answer to a POST.</summary>
    /// <exception cref="HttpRequestException">It was refused, or nobody answered.</exception>
    public JsonElement Post(string route, object body) => Exchange(HttpMethod.Post, route, JsonSerializer.Serialize(body));

    /// <summary>The answer to a POST; null when nobody listens, so that nothing was done.</summary>
    /// <exception cref="HttpRequestException">It was refused, or who listened did not answer.</exception>
    public JsonElement? TryPost(string route, object body) => Try(() => Post(route, body), loss => loss.InnerException is SocketException);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static JsonElement? Try(Func<JsonElement> exchange, Func<HttpRequestException, bool> isLoss)
    {
        try
        {
            return exchange();
        }
        catch (HttpRequestException e) when (isLoss(e))
        {
            return null;
        }
    }

    private JsonElement Exchange(HttpMethod method, string route, string? body)
    {
        using HttpRequestMessage request = new(method, route);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = _http.SendAsync(request).GetAwaiter().GetResult();
        string answer = response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
        return response.IsSuccessStatusCode
            ? ThinFuseProgram.Parse(answer)
            : throw new HttpRequestException($"{method} {route}: {answer}", null, response.StatusCode);
    }
}
