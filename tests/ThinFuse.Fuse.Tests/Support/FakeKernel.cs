using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Speaks for the kernel over a SEQPACKET socket: one message is one request or one answer, as on /dev/fuse.</summary>
internal sealed unsafe class FakeKernel : IDisposable
{
    public const int PatienceMs = 20_000;

    private readonly SafeFileHandle _ours;
    private readonly byte[] _received = new byte[2 << 20];
    private ulong _lastUnique;

    public FakeKernel()
    {
        int* pair = stackalloc int[2];
        if (Libc.SocketPair(Libc.AddressFamilyUnix, Libc.SocketSequencedPacket | Libc.SocketCloseOnExec, 0, pair) < 0)
        {
            throw new FuseException(Marshal.GetLastPInvokeError());
        }

        _ours = new SafeFileHandle(pair[0], ownsHandle: true);
        Device = new SafeFileHandle(pair[1], ownsHandle: true);
    }

    /// <summary>The end that the session reads.</summary>
    public SafeFileHandle Device { get; }

    /// <summary>Sends INIT and starts a session that answers it.</summary>
    public FuseSession Start(FuseFileSystem fileSystem, ILogger logger, int threads = 4)
    {
        SendInit(7, 45, ulong.MaxValue);
        FuseSession session = FuseSession.Start(Device, fileSystem, new FuseSessionOptions { ThreadCount = threads, CloneDevice = false }, logger);
        Receive().Error.Should().Be(0);
        return session;
    }

    public ulong SendInit(uint major, uint minor, ulong flags)
    {
        byte[] body = new byte[64];
        MemoryMarshal.Write(body, new InitIn { Major = major, Minor = minor, MaxReadahead = 131072, Flags = (uint)flags });
        MemoryMarshal.Write(body.AsSpan(16), (uint)(flags >> 32));
        return Send(FuseOpcode.Init, 0, body);
    }

    /// <summary>Sends a request; its parts are put one after the other.</summary>
    /// <returns>Its number.</returns>
    public ulong Send(FuseOpcode opcode, ulong nodeId, params byte[][] parts)
    {
        byte[] message = Request(opcode, nodeId, parts);
        SendRaw(message);
        return _lastUnique;
    }

    /// <summary>Builds a request with a new number and a true length.</summary>
    public byte[] Request(FuseOpcode opcode, ulong nodeId, params byte[][] parts)
    {
        byte[] rest = [.. parts.SelectMany(part => part)];
        InHeader header = new()
        {
            Length = (uint)(Unsafe.SizeOf<InHeader>() + rest.Length),
            Opcode = opcode,
            Unique = _lastUnique += 2,
            NodeId = nodeId,
            UserId = 1001,
            GroupId = 1002,
            ProcessId = 1003,
        };
        return [.. Bytes.Of(header), .. rest];
    }

    public void SendRaw(ReadOnlySpan<byte> message)
    {
        fixed (byte* address = message)
        {
            IoVector vector = new() { Address = address, LengthBytes = (nuint)message.Length };
            if (Libc.WriteVector(_ours, &vector, 1) != message.Length)
            {
                throw new FuseException(Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <summary>Sends a request and waits for its answer, which is the only one outstanding.</summary>
    public FakeReply Call(FuseOpcode opcode, ulong nodeId, params byte[][] parts)
    {
        ulong unique = Send(opcode, nodeId, parts);
        FakeReply reply = Receive();
        reply.Unique.Should().Be(unique);
        return reply;
    }

    public FakeReply Receive() => TryReceive(PatienceMs) ?? throw new TimeoutException("The session sent no answer.");

    /// <summary>The next answer, or null when none comes in time.</summary>
    public FakeReply? TryReceive(int timeoutMs)
    {
        PollDescriptor poll = new() { File = (int)_ours.DangerousGetHandle(), Events = Libc.PollIn };
        if (Libc.Poll(&poll, 1, timeoutMs) <= 0)
        {
            return null;
        }

        fixed (byte* address = _received)
        {
            nint length = Libc.Read(_ours, address, (nuint)_received.Length);
            if (length < Unsafe.SizeOf<OutHeader>())
            {
                return null;
            }

            OutHeader header = MemoryMarshal.Read<OutHeader>(_received);
            header.Length.Should().Be((uint)length, "the kernel refuses an answer that does not tell its true length");
            return new FakeReply(header.Unique, header.Error, _received[Unsafe.SizeOf<OutHeader>()..(int)length]);
        }
    }

    /// <summary>Ends the connection, as an unmount does.</summary>
    public void Dispose() => _ours.Dispose();
}
