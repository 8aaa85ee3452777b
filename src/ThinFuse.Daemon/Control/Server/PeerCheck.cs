using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Hosting;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>
/// Lets only root and the daemon's own user speak to the control API, whatever became of the socket's mode: the kernel tells who connected. A foreign
/// connection is closed before a byte of it is read.
/// </summary>
internal sealed class PeerCheck(ILogger logger)
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsBytes = 12;
    private const int UserOffset = 4;

    private readonly ForeignPeers _foreigners = new(logger);

    /// <summary>The middleware around all connections.</summary>
    public ConnectionDelegate Around(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            throw new InvalidOperationException("A connection without a socket cannot be told from a foreign one.");
        }

        uint user = UserOf(socket);
        if (user == 0 || user == UserIds.EffectiveUser())
        {
            return next(connection);
        }

        _foreigners.Note(user);
        connection.Abort(new ConnectionAbortedException("the peer is another user"));
        return Task.CompletedTask;
    };

    /// <summary>The effective user of the process that connected, at the time when it did: struct ucred is pid, uid, gid.</summary>
    private static uint UserOf(Socket socket)
    {
        byte[] credentials = new byte[CredentialsBytes];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BitConverter.ToUInt32(credentials, UserOffset);
    }
}
