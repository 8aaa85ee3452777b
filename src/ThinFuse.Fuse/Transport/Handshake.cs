using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Transport;

/// <summary>Reads INIT, the first request of a connection, and answers it. Always over the device itself, whatever transport follows.</summary>
internal static unsafe class Handshake
{
    /// <summary>EPROTONOSUPPORT.</summary>
    private const int UnsupportedProtocol = 93;

    private const int HeaderBytes = 40;
    private const int Flags2At = HeaderBytes + 16;

    private const FuseInitFlags Wanted =
        FuseInitFlags.AsyncRead | FuseInitFlags.BigWrites | FuseInitFlags.ReadDirectoryPlus | FuseInitFlags.ReadDirectoryPlusAuto
        | FuseInitFlags.AsyncDirectIo | FuseInitFlags.ParallelDirectoryOperations | FuseInitFlags.MaxPages | FuseInitFlags.Extended
        | FuseInitFlags.DirectIoAllowMmap | FuseInitFlags.HasResend;

    /// <summary>Negotiates; a kernel of a newer major version is asked to start again with ours.</summary>
    /// <exception cref="FuseException">See <see cref="FuseSession.Start"/>.</exception>
    /// <param name="device">The device.</param>
    /// <param name="options">How to serve.</param>
    /// <param name="chooseMore">Told what the kernel offers, before it is answered; what it returns is agreed on besides.</param>
    public static FuseNegotiation Perform(SafeFileHandle device, FuseSessionOptions options, Func<FuseInitFlags, FuseInitFlags> chooseMore)
    {
        using DeviceRequestMemory memory = new DeviceRequestSlabs().Take();
        while (true)
        {
            int lengthBytes = Receive(device, memory, options.InitTimeout);
            ReadOnlySpan<byte> message = new(memory.Message, lengthBytes);
            if (lengthBytes < HeaderBytes + Unsafe.SizeOf<InitIn>() || MemoryMarshal.Read<InHeader>(message) is not { Opcode: FuseOpcode.Init } header)
            {
                throw new FuseException(FuseErrno.EIO, "the first request of the FUSE connection is not an INIT");
            }

            InitIn init = MemoryMarshal.Read<InitIn>(message[HeaderBytes..]);
            if (init.Major > FuseNegotiation.Major)
            {
                Answer(device, header.Unique, new InitOut { Major = FuseNegotiation.Major, Minor = FuseNegotiation.HighestMinor });
                continue;
            }

            if (init.Major < FuseNegotiation.Major || init.Minor < FuseNegotiation.LowestMinor)
            {
                Refuse(device, header.Unique);
                throw new FuseException(
                    UnsupportedProtocol,
                    $"the kernel speaks FUSE {init.Major}.{init.Minor}; at least {FuseNegotiation.Major}.{FuseNegotiation.LowestMinor} is needed");
            }

            FuseNegotiation negotiation = Negotiate(init, Flags2(init, message), options, chooseMore);
            Answer(device, header.Unique, ToWire(negotiation));
            return negotiation;
        }
    }

    private static uint Flags2(in InitIn init, ReadOnlySpan<byte> message) =>
        ((FuseInitFlags)init.Flags).HasFlag(FuseInitFlags.Extended) && message.Length >= Flags2At + sizeof(uint)
            ? MemoryMarshal.Read<uint>(message[Flags2At..])
            : 0;

    private static FuseNegotiation Negotiate(
        in InitIn init, uint flags2, FuseSessionOptions options, Func<FuseInitFlags, FuseInitFlags> chooseMore)
    {
        FuseInitFlags offered = (FuseInitFlags)(init.Flags | ((ulong)flags2 << 32));
        FuseInitFlags agreed = offered & (Wanted | chooseMore(offered));

        // Without MAX_PAGES the kernel bounds every request by 32 pages.
        int maxWriteBytes = agreed.HasFlag(FuseInitFlags.MaxPages) ? FuseRequest.DataCapacityBytes : 32 * FuseRequestMemory.PageBytes;
        return new FuseNegotiation
        {
            KernelMinor = init.Minor,
            Offered = offered,
            Agreed = agreed,
            MaxWriteBytes = maxWriteBytes,
            MaxReadaheadBytes = (int)Math.Min(init.MaxReadahead, FuseRequest.DataCapacityBytes),
            MaxBackground = options.MaxBackground,
        };
    }

    private static InitOut ToWire(FuseNegotiation negotiation) => new()
    {
        Major = FuseNegotiation.Major,
        Minor = FuseNegotiation.HighestMinor,
        MaxReadahead = (uint)negotiation.MaxReadaheadBytes,
        Flags = (uint)negotiation.Agreed,
        Flags2 = (uint)((ulong)negotiation.Agreed >> 32),
        MaxBackground = (ushort)negotiation.MaxBackground,
        CongestionThreshold = (ushort)Math.Max(1, negotiation.MaxBackground * 3 / 4),
        MaxWrite = (uint)negotiation.MaxWriteBytes,
        TimeGranularity = 1,
        MaxPages = (ushort)(negotiation.MaxWriteBytes / FuseRequestMemory.PageBytes),
    };

    private static int Receive(SafeFileHandle device, DeviceRequestMemory memory, TimeSpan timeout)
    {
        long deadlineMs = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            WaitReadable(device, (int)Math.Max(0, deadlineMs - Environment.TickCount64));
            nint received = Libc.Read(device, memory.Message, DeviceRequestMemory.ReceiveCapacityBytes);
            if (received > 0)
            {
                return (int)received;
            }

            int errno = received == 0 ? FuseErrno.ENODEV : Marshal.GetLastPInvokeError();
            if (errno is not (FuseErrno.EINTR or FuseErrno.EAGAIN or FuseErrno.ENOENT))
            {
                throw new FuseException(errno, $"cannot read INIT from the FUSE device: {FuseErrno.Describe(errno)}");
            }
        }
    }

    private static void WaitReadable(SafeFileHandle device, int timeoutMs)
    {
        PollDescriptor poll = new() { File = (int)device.DangerousGetHandle(), Events = Libc.PollIn };
        int ready = Libc.Poll(&poll, 1, timeoutMs);
        if (ready == 0)
        {
            throw new FuseException(FuseErrno.ETIMEDOUT, "the kernel sent no INIT in time");
        }

        if (ready < 0 && Marshal.GetLastPInvokeError() is int errno and not FuseErrno.EINTR)
        {
            throw new FuseException(errno, $"cannot poll the FUSE device: {FuseErrno.Describe(errno)}");
        }
    }

    private static void Answer(SafeFileHandle device, ulong unique, InitOut body)
    {
        OutHeader header = new() { Length = (uint)(sizeof(OutHeader) + sizeof(InitOut)), Unique = unique };
        IoVector* vectors = stackalloc IoVector[2];
        vectors[0] = new IoVector { Address = &header, LengthBytes = (nuint)sizeof(OutHeader) };
        vectors[1] = new IoVector { Address = &body, LengthBytes = (nuint)sizeof(InitOut) };
        Write(device, vectors, 2);
    }

    private static void Refuse(SafeFileHandle device, ulong unique)
    {
        OutHeader header = new() { Length = (uint)sizeof(OutHeader), Error = -UnsupportedProtocol, Unique = unique };
        IoVector vector = new() { Address = &header, LengthBytes = (nuint)sizeof(OutHeader) };
        Write(device, &vector, 1);
    }

    private static void Write(SafeFileHandle device, IoVector* vectors, int count)
    {
        while (Libc.WriteVector(device, vectors, count) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != FuseErrno.EINTR)
            {
                throw new FuseException(errno, $"the kernel refused the answer to INIT: {FuseErrno.Describe(errno)}");
            }
        }
    }
}
