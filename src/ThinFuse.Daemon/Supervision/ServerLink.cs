using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Daemon.Supervision;

/// <summary>The server's end of its supervision: what it was started for, and what it wants kept. Thread-safe.</summary>
public sealed class ServerLink : IDisposable
{
    private readonly SupervisionSocket _socket;
    private readonly IReadOnlyList<SafeFileHandle> _descriptors;
    private volatile bool _isLost;
    private volatile bool _isKept;

    private ServerLink(SupervisionSocket socket, StartOrder order, IReadOnlyList<SafeFileHandle> descriptors)
    {
        _socket = socket;
        Order = order;
        _descriptors = descriptors;
    }

    /// <summary>Whether this server goes on with the mount of one that has ended.</summary>
    public bool IsSuccessor => Order.Kept is { Length: > 0 };

    /// <summary>Whether a successor would get the mount if this process died now.</summary>
    public bool IsProtected => _isKept && !_isLost;

    internal StartOrder Order { get; }

    /// <summary>Takes up the socket that the supervisor started this program with, and waits for its order.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <exception cref="IOException">The supervisor has ended, or is not understood.</exception>
    public static ServerLink Open(int descriptor)
    {
        SupervisionSocket socket = SupervisionSocket.Inherited(descriptor);
        try
        {
            SupervisionMessage message = socket.Receive() ?? throw new IOException("the supervisor ended before it said what to do");
            StartOrder? order = message.Kind == SupervisionMessageKind.Start
                ? JsonSerializer.Deserialize(message.Body, SupervisionJson.Default.StartOrder)
                : null;
            return new ServerLink(socket, order ?? throw new IOException("the supervisor's order is not understood"), message.Descriptors);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Has the command that waits for the mount told what has become of it.</summary>
    /// <param name="line">What it understands.</param>
    public void SendLine(string line) => Send(SupervisionMessageKind.Line, System.Text.Encoding.UTF8.GetBytes(line));

    /// <summary>The mount serves.</summary>
    internal void SendServing() => Send(SupervisionMessageKind.Serving, default);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>What the first server had kept; call once, of a successor.</summary>
    internal (KeptMount Mount, SafeFileHandle Lock, SafeFileHandle Memory, FuseConnection Connection) TakeKept()
    {
        KeptMount mount = JsonSerializer.Deserialize(Order.Kept, SupervisionJson.Default.KeptMount)
            ?? throw new IOException("what the server before this one left is not understood");
        _isKept = true;
        return (mount, _descriptors[0], _descriptors[1], new FuseConnection(_descriptors[2], [.. _descriptors.Skip(3)], mount.Negotiation));
    }

    /// <summary>Has the supervisor hold what a successor needs, from this call on.</summary>
    internal void Keep(string mountPoint, PoolLock ownership, SafeFileHandle memory, FuseConnection connection)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new KeptMount(mountPoint, connection.Negotiation), SupervisionJson.Default.KeptMount);
        _isKept = _socket.TrySend(
            SupervisionMessageKind.Keep, body, [ownership.Handle, memory, connection.Device, .. connection.Clones]);
        _isLost = !_isKept;
    }

    /// <summary>Tells the supervisor that it is not needed.</summary>
    internal void LetGo()
    {
        _isLost = true;
        Send(SupervisionMessageKind.LetGo, default);
    }

    /// <summary>The mount has ended: whatever becomes of this process from now on, it needs no successor to serve.</summary>
    internal void SendEnding() => Send(SupervisionMessageKind.Ending, default);

    /// <summary>This process ends next, and the successor is started.</summary>
    internal void HandOver(HandOverOrder order) =>
        Send(SupervisionMessageKind.HandOver, JsonSerializer.SerializeToUtf8Bytes(order, SupervisionJson.Default.HandOverOrder));

    /// <summary>Calls back once when the supervisor has ended although it is needed. On a thread of its own.</summary>
    internal void WatchForLoss(Action onLost)
    {
        Thread watcher = new(() =>
        {
            while (_socket.Receive() is not null)
            {
                // Nothing else is sent once a server has started.
            }

            if (!_isLost)
            {
                _isLost = true;
                onLost();
            }
        })
        {
            IsBackground = true,
            Name = "supervisor-watch",
        };
        watcher.Start();
    }

    private void Send(SupervisionMessageKind kind, ReadOnlySpan<byte> body)
    {
        if (!_socket.TrySend(kind, body))
        {
            _isLost = true;
        }
    }
}
