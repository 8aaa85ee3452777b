using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Daemon.Supervision;

/// <summary>One end of the socket between supervisor and server: whole messages, with descriptors. Sending is thread-safe; one thread receives.</summary>
internal sealed unsafe class SupervisionSocket : IDisposable
{
    private const int MostBodyBytes = 64 << 10;

    /// <summary>The kernel passes 253 descriptors with a message at most.</summary>
    private const int MostDescriptors = 128;

    private readonly SafeFileHandle _socket;
    private readonly Lock _sending = new();

    private SupervisionSocket(SafeFileHandle socket) => _socket = socket;

    /// <summary>Makes both ends.</summary>
    /// <returns>This process's end, and the one for a program that is started: inherited by whatever is started until it is closed.</returns>
    public static (SupervisionSocket Ours, SafeFileHandle Theirs) Pair()
    {
        int* pair = stackalloc int[2];
        Check(SupervisionLibc.SocketPair(SupervisionLibc.AddressFamilyUnix, SupervisionLibc.SequencedPacket | SupervisionLibc.CloseOnExec, 0, pair));
        SafeFileHandle theirs = new(pair[1], ownsHandle: true);
        SupervisionSocket ours = new(new SafeFileHandle(pair[0], ownsHandle: true));
        Check(SupervisionLibc.FileControl(theirs, SupervisionLibc.SetDescriptorFlags, 0));
        return (ours, theirs);
    }

    /// <summary>The end that this program was started with; programs that it starts do not get it.</summary>
    public static SupervisionSocket Inherited(int descriptor)
    {
        SafeFileHandle socket = new(descriptor, ownsHandle: true);
        Check(SupervisionLibc.FileControl(socket, SupervisionLibc.SetDescriptorFlags, 1));
        return new SupervisionSocket(socket);
    }

    /// <summary>Sends a message; descriptors are duplicated into it.</summary>
    /// <returns>False when nobody is at the other end any more.</returns>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public bool TrySend(SupervisionMessageKind kind, ReadOnlySpan<byte> body = default, IReadOnlyList<SafeFileHandle>? descriptors = null)
    {
        descriptors ??= [];
        lock (_sending)
        {
            foreach (SafeFileHandle[] some in descriptors.Chunk(MostDescriptors))
            {
                if (!TrySendOne(SupervisionMessageKind.Descriptors, default, some))
                {
                    return false;
                }
            }

            return TrySendOne(kind, body, []);
        }
    }

    /// <summary>Waits for a message; null when nobody is at the other end any more.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    /// <exception cref="InvalidDataException">The message is cut off.</exception>
    public SupervisionMessage? Receive()
    {
        List<SafeFileHandle> descriptors = [];
        while (true)
        {
            byte[]? bytes = ReceiveOne(descriptors);
            if (bytes is not { Length: > 0 })
            {
                descriptors.ForEach(descriptor => descriptor.Dispose());
                return null;
            }

            SupervisionMessageKind kind = (SupervisionMessageKind)bytes[0];
            if (kind != SupervisionMessageKind.Descriptors)
            {
                return new SupervisionMessage(kind, bytes[1..], descriptors);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static nint Check(nint result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private bool TrySendOne(SupervisionMessageKind kind, ReadOnlySpan<byte> body, SafeFileHandle[] descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, MostBodyBytes);
        byte[] bytes = [(byte)kind, .. body];
        int controlBytes = sizeof(NativeControl) + (descriptors.Length * sizeof(int));
        byte* control = stackalloc byte[controlBytes + sizeof(ulong)];
        *(NativeControl*)control = new NativeControl
        {
            LengthBytes = (nuint)controlBytes,
            Level = SupervisionLibc.SocketLevel,
            Type = SupervisionLibc.RightsMessage,
        };
        int* numbers = (int*)(control + sizeof(NativeControl));
        for (int i = 0; i < descriptors.Length; i++)
        {
            numbers[i] = (int)descriptors[i].DangerousGetHandle();
        }

        fixed (byte* start = bytes)
        {
            NativeVector vector = new() { Address = start, LengthBytes = (nuint)bytes.Length };
            NativeMessage message = new() { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Length > 0)
            {
                message.Control = control;
                message.ControlLengthBytes = (nuint)((controlBytes + sizeof(ulong) - 1) / sizeof(ulong) * sizeof(ulong));
            }

            while (SupervisionLibc.Send(_socket, &message, SupervisionLibc.MessageNoSignal) < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno is SupervisionLibc.BrokenPipe or SupervisionLibc.ConnectionReset)
                {
                    return false;
                }

                if (errno != SupervisionLibc.Interrupted)
                {
                    throw new Win32Exception(errno);
                }
            }
        }

        GC.KeepAlive(descriptors);
        return true;
    }

    private byte[]? ReceiveOne(List<SafeFileHandle> descriptors)
    {
        byte[] bytes = new byte[MostBodyBytes + 1];
        int controlBytes = sizeof(NativeControl) + (MostDescriptors * sizeof(int));
        byte* control = stackalloc byte[controlBytes];
        nint received;
        NativeMessage message;
        fixed (byte* start = bytes)
        {
            NativeVector vector = new() { Address = start, LengthBytes = (nuint)bytes.Length };
            do
            {
                message = new NativeMessage { Vectors = &vector, VectorCount = 1, Control = control, ControlLengthBytes = (nuint)controlBytes };
                received = SupervisionLibc.Receive(_socket, &message, SupervisionLibc.MessageCloseOnExec);
            }
            while (received < 0 && Marshal.GetLastPInvokeError() == SupervisionLibc.Interrupted);
        }

        if (received < 0 && Marshal.GetLastPInvokeError() == SupervisionLibc.ConnectionReset)
        {
            return null;
        }

        Check(received);
        NativeControl* head = (NativeControl*)control;
        if (message.ControlLengthBytes > (nuint)sizeof(NativeControl) && head->Level == SupervisionLibc.SocketLevel && head->Type == SupervisionLibc.RightsMessage)
        {
            int count = ((int)head->LengthBytes - sizeof(NativeControl)) / sizeof(int);
            int* numbers = (int*)(control + sizeof(NativeControl));
            for (int i = 0; i < count; i++)
            {
                descriptors.Add(new SafeFileHandle(numbers[i], ownsHandle: true));
            }
        }

        return (message.Flags & SupervisionLibc.MessageTruncated) == 0
            ? bytes[..(int)received]
            : throw new InvalidDataException("a message between supervisor and server is cut off");
    }
}
