using System.Net.Sockets;
using System.Text;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>Listens as a service manager does.</summary>
internal sealed class FakeServiceManager : IDisposable
{
    private readonly TemporaryDirectory _place = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public FakeServiceManager()
    {
        Address = Path.Combine(_place.FullPath, "notify");
        _socket.Bind(new UnixDomainSocketEndPoint(Address));
    }

    /// <summary>What NOTIFY_SOCKET would say.</summary>
    public string Address { get; }

    /// <summary>The next message; null when none comes in this time.</summary>
    public string? Receive(TimeSpan patience)
    {
        byte[] buffer = new byte[4096];
        return _socket.Poll(patience, SelectMode.SelectRead) ? Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer)) : null;
    }

    /// <summary>The next message, which must come.</summary>
    public string Receive() => Receive(TimeSpan.FromSeconds(30)) ?? throw new TimeoutException("the service manager hears nothing");

    /// <summary>Closes the socket; its name stays.</summary>
    public void Leave() => _socket.Dispose();

    public void Dispose()
    {
        Leave();
        _place.Dispose();
    }
}
