using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;
using Xunit.Abstractions;

namespace ThinFuse.Daemon.Tests.Control;

/// <summary>
/// Bodies that are no JSON, the wrong JSON, or a right one with something in it changed, to each endpoint that takes one: done, or refused in one line with the
/// reason. Never 500, a crash or a hang.
/// </summary>
/// <remarks>A few seeds each run; THINFUSE_FUZZ_SECONDS=N goes on for N seconds, and THINFUSE_FUZZ_SEED=SEED begins there.</remarks>
[Collection(MountCollection.Name)]
public sealed class BodyFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int UsualSeeds = 25;
    private const string Id = "\"00000000-0000-0000-0000-000000000007\"";

    private static readonly (string Method, string Path, string Body)[] Samples =
    [
        ("PATCH", ControlRoutes.Pool, """{"noSpacePolicy":"error","noSpaceTimeoutMs":1000,"lowWater":"10%","autoExtend":"off","maxSizeBytes":0,"discardPolicy":"keep","strict":false}"""),
        ("POST", ControlRoutes.PoolGrow, """{"sizeBytes":67108864}"""),
        ("POST", ControlRoutes.Volumes, """{"name":"vm2","sizeBytes":1048576,"reserve":"none","reserveWhen":"always"}"""),
        ("PATCH", ControlRoutes.ForVolume("vm1"), """{"sizeBytes":1048576,"reserve":"65536","reserveWhen":"open","force":false}"""),
        ("POST", ControlRoutes.ForVolume("vm1") + "/hydrate", """{"action":"start","rateBytesPerSecond":1048576}"""),
        ("POST", ControlRoutes.Snapshots, """{"volumes":["vm1"],"name":"mon","writable":false}"""),
        ("POST", ControlRoutes.Contents, """{"snapshot":"vm1@s"}"""),
        ("POST", ControlRoutes.Receives, $$"""{"target":"vm3","snapshotName":"tue","contentId":{{Id}},"baseId":{{Id}},"sizeBytes":65536,"startBytes":0,"createdAt":"2026-01-01T00:00:00Z","force":false}"""),
        ("PATCH", ControlRoutes.ForReceive("vm3"), """{"keptBytes":4096}"""),
        ("POST", ControlRoutes.ForReceive("vm3") + "/finish", $$"""{"contentId":{{Id}},"force":false}"""),
        ("POST", ControlRoutes.HoldsOn("vm1@s"), """{"name":"backup"}"""),
        ("POST", ControlRoutes.ProvisionOf("vm1"), """{"offsetBytes":0,"lengthBytes":65536}"""),
        ("POST", ControlRoutes.RollbackTo("vm1@s"), """{"discardCurrent":true,"force":false,"keepAs":null}"""),
        ("POST", ControlRoutes.Clones, """{"source":"vm1","target":"c","count":2}"""),
        ("POST", ControlRoutes.FlattenOf("vm1"), """{"rateBytesPerSecond":1048576}"""),
        ("PATCH", ControlRoutes.ForJob(1), """{"paused":false,"rateBytesPerSecond":1048576}"""),
        ("POST", ControlRoutes.DaemonUpgrade, """{"command":["/bin/true"]}"""),
        ("POST", ControlRoutes.DaemonStop, """{"lazy":false,"takenOverBy":null}"""),
    ];

    /// <summary>What stands in for a value of the body.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "-1", "0", "1", "513", "1.5", "1e400", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "\"\"", "\"a/b\"", "\"..\"",
        "\"vm1\"", "\"vm1@s\"", "\"@\"", "\"off\"", "\"101%\"", "\"full\"", "\"\\u0000\"", "\"\\ud800\"", "\"/etc/passwd\"", "[]", "[null]", "[[]]", "{}", "{\"a\":{}}",
    ];

    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public async Task Whatever_a_body_holds_it_is_done_or_refused_in_a_line()
    {
        _pool.Sh("truncate -s 1M vm1 && head -c 256K /dev/urandom > vm1").MustSucceed();
        using HttpClient client = Connect();
        using (HttpResponseMessage made = await SendAsync(client, "POST", ControlRoutes.Snapshots, """{"volumes":["vm1"],"name":"s"}"""u8.ToArray()))
        {
            made.IsSuccessStatusCode.Should().BeTrue();
        }

        // An open file keeps a stop from being more than asked for, and nothing watches over this daemon, so that nothing can take it over.
        using FileStream open = File.OpenRead(_pool["vm1"]);
        int first = Setting("THINFUSE_FUZZ_SEED");
        TimeSpan time = TimeSpan.FromSeconds(Setting("THINFUSE_FUZZ_SECONDS"));
        Stopwatch watch = Stopwatch.StartNew();
        SortedDictionary<int, int> answers = [];
        int seed = first;
        for (; seed < first + UsualSeeds || watch.Elapsed < time; seed++)
        {
            Random random = new(seed);
            foreach ((string method, string path, string body) in Samples)
            {
                byte[] sent = Harm(body, random);
                if (path == ControlRoutes.DaemonStop && Ends(sent))
                {
                    continue;
                }

                string when = $"seed {seed}, {method} {path} {Encoding.UTF8.GetString(sent)}";
                using HttpResponseMessage answer = await SendAsync(client, method, path, sent);
                int status = (int)answer.StatusCode;
                answers[status] = answers.GetValueOrDefault(status) + 1;
                await MustBeAnswered(answer, when);
            }
        }

        output.WriteLine($"seeds {first} to {seed - 1}: {string.Join(", ", answers.Select(answer => $"{answer.Value} x {answer.Key}"))}");
        _pool.HasEnded.Should().BeFalse();
        _pool.Sh("head -c 4096 vm1 > /dev/null && ls").MustSucceed();
    }

    private static async Task MustBeAnswered(HttpResponseMessage answer, string when)
    {
        string text = await answer.Content.ReadAsStringAsync();
        int status = (int)answer.StatusCode;
        status.Should().Match(code => (code >= 200 && code < 300) || (code >= 400 && code < 500) || code == 507, $"{when}: {text}");
        if (status >= 400)
        {
            ControlError? error = JsonSerializer.Deserialize(text, ControlJsonContext.Default.ControlError);
            error!.Message.Should().NotBeNullOrWhiteSpace(when);
            error.Message.Should().NotContain("\n", when);
        }
    }

    /// <summary>Whether a stop would really end the daemon.</summary>
    private static bool Ends(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ControlJsonContext.Default.DaemonStopRequest) is { Lazy: true } or { TakenOverBy: not null };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Harm(string body, Random random)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        switch (random.Next(8))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 2:
                random.NextBytes(bytes);
                return bytes;
            case 3:
                return Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]);
            case 4:
                return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(random.Next(2) == 0 ? "[" : "{\"a\":", random.Next(1, 2000))));
            default:
                return Encoding.UTF8.GetBytes(ReplaceValue(body, random));
        }
    }

    /// <summary>Puts another value behind one of the colons.</summary>
    private static string ReplaceValue(string body, Random random)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonProperty[] properties = [.. document.RootElement.EnumerateObject()];
        int changed = random.Next(properties.Length);
        IEnumerable<string> parts = properties.Select((property, i) =>
            $"\"{property.Name}\":{(i == changed ? Values[random.Next(Values.Length)] : property.Value.GetRawText())}");
        return $"{{{string.Join(",", parts)}}}";
    }

    private HttpClient Connect()
    {
        string path = Path.Combine(_pool.PoolDirectory, ControlSocket.FileName);
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancel) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = TimeSpan.FromSeconds(30) };
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, byte[] body)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        return await client.SendAsync(request);
    }

    private static int Setting(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
}
