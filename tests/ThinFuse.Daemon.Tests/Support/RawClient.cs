using System.Net.Sockets;
using System.Text;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>A client of the control socket that speaks no better than it is told to.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Connects.</summary>
    public RawClient(string socketPath)
    {
        _socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        _socket.Connect(new UnixDomainSocketEndPoint(socketPath));
    }

    /// <summary>Sends text as it is; false when the other end has closed.</summary>
    public bool Send(string text)
    {
        try
        {
            return _socket.Send(Encoding.ASCII.GetBytes(text)) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>All that comes until the other end closes.</summary>
    public string ReceiveAll()
    {
        StringBuilder received = new();
        byte[] buffer = new byte[4096];
        try
        {
            while (_socket.Receive(buffer) is > 0 and int count)
            {
                received.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed with something of ours unread.
        }

        return received.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
