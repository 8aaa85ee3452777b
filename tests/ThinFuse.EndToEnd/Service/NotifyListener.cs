using System.Net.Sockets;
using System.Text;

namespace ThinFuse.EndToEnd.Service;

/// <summary>Listens as a service manager does.</summary>
internal sealed class NotifyListener : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public NotifyListener(string directory)
    {
        Address = Path.Combine(directory, "notify");
        _socket.Bind(new UnixDomainSocketEndPoint(Address));
    }

    /// <summary>What NOTIFY_SOCKET says.</summary>
    public string Address { get; }

    /// <summary>The next message.</summary>
    public string Receive()
    {
        byte[] buffer = new byte[4096];
        return _socket.Poll(Patience, SelectMode.SelectRead)
            ? Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer))
            : throw new TimeoutException("the service manager hears nothing");
    }

    /// <summary>The next message that says something else than that the service is alive.</summary>
    public string ReceiveNews()
    {
        string message = Receive();
        while (message == "WATCHDOG=1")
        {
            message = Receive();
        }

        return message;
    }

    public void Dispose() => _socket.Dispose();
}
