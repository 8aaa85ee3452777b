using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>Speaks QMP, the JSON protocol of QEMU's programs, over a Unix socket.</summary>
internal sealed class QemuMonitor : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StreamReader _reader;
    private readonly NetworkStream _stream;

    public QemuMonitor(string socketPath)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        _stream = new NetworkStream(_socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
        Execute("qmp_capabilities", new { });
    }

    /// <summary>Carries out a command; returns when it is done.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public void Execute(string command, object arguments)
    {
        _stream.Write(JsonSerializer.SerializeToUtf8Bytes(new { execute = command, arguments }));
        _stream.WriteByte((byte)'\n');
        while (true)
        {
            string line = _reader.ReadLine() ?? throw new InvalidOperationException($"QEMU hung up during {command}");
            using JsonDocument answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("error", out JsonElement error))
            {
                throw new InvalidOperationException($"QEMU refused {command}: {error.GetProperty("desc").GetString()}");
            }

            // Greetings and events have neither.
            if (answer.RootElement.TryGetProperty("return", out _))
            {
                return;
            }
        }
    }

    public void Dispose() => _reader.Dispose();
}
