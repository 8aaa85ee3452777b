using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ThinFuse.Daemon.Service;

/// <summary>The datagram socket on which a service manager such as systemd listens for its services' news (sd_notify). Thread-safe.</summary>
/// <remarks>A message that cannot be sent is logged and not sent again: to serve is worth more than to tell.</remarks>
internal sealed class NotifySocket : IDisposable
{
    private const char AbstractMark = '@';

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _manager;
    private readonly ILogger _logger;

    /// <summary>Makes a socket to send with.</summary>
    /// <param name="address">A path, or '@' and the name of an abstract socket.</param>
    /// <param name="logger">Told what could not be sent.</param>
    public NotifySocket(string address, ILogger logger)
    {
        _manager = new UnixDomainSocketEndPoint(address.StartsWith(AbstractMark) ? $"\0{address[1..]}" : address);
        _logger = logger;

        // A manager that does not read must not hold anything up.
        _socket.Blocking = false;
    }

    /// <summary>Sends one message.</summary>
    /// <param name="assignments">Such as READY=1, without line breaks.</param>
    public void Send(params IEnumerable<string> assignments)
    {
        string message = string.Join('\n', assignments);
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _manager);
        }
        catch (SocketException exception)
        {
            _logger.LogWarning("the service manager was not told {Message}: {Reason}", message.ReplaceLineEndings(" "), exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
