using System.Runtime.CompilerServices;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Serving;

/// <summary>The answers. Each is final: nothing of the request may be touched after it, except by the handler that is still running.</summary>
public sealed unsafe partial class FuseRequest
{
    private const int HighestErrno = 511;

    /// <summary>Answers with an error.</summary>
    /// <param name="errno">A positive Linux errno; what the kernel would not accept (outside 1 to 511) is answered as EIO.</param>
    public void ReplyError(int errno) => Reply(KernelErrno(errno), 0);

    /// <summary>Answers an operation that has no result.</summary>
    public void ReplyOk() => Reply(0, 0);

    /// <summary>Answers LOOKUP or MKNOD; the kernel gets one lookup reference, unless the node id is 0.</summary>
    /// <param name="entry">What was found or made.</param>
    public void ReplyEntry(in FuseEntry entry) => ReplyBody(WireConversion.ToWire(entry));

    /// <summary>Answers CREATE; the kernel gets one lookup reference.</summary>
    /// <param name="entry">What was created.</param>
    /// <param name="handle">The open file, named in later requests.</param>
    /// <param name="flags">How the kernel is to treat it.</param>
    public void ReplyCreated(in FuseEntry entry, ulong handle, FuseOpenFlags flags) => ReplyBody(new CreatedOut
    {
        Entry = WireConversion.ToWire(entry),
        Open = new OpenOut { Handle = handle, Flags = flags },
    });

    /// <summary>Answers GETATTR or SETATTR.</summary>
    /// <param name="attributes">The attributes.</param>
    /// <param name="validity">How long the kernel may trust them.</param>
    public void ReplyAttributes(in FuseAttributes attributes, TimeSpan validity) => ReplyBody(WireConversion.ToWire(attributes, validity));

    /// <summary>Answers OPEN or OPENDIR.</summary>
    /// <param name="handle">The open file, named in later requests.</param>
    /// <param name="flags">How the kernel is to treat it.</param>
    public void ReplyOpened(ulong handle, FuseOpenFlags flags) => ReplyBody(new OpenOut { Handle = handle, Flags = flags });

    /// <summary>Answers READ with the first bytes of <see cref="ReadBuffer"/>.</summary>
    /// <param name="lengthBytes">How many; fewer than asked for mean the end of the file.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than asked for; the request is not answered.</exception>
    public void ReplyData(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, RequestedBytes);
        Reply(0, lengthBytes);
    }

    /// <summary>Answers READLINK, or READ from another buffer.</summary>
    /// <param name="bytes">The content; copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than asked for; the request is not answered.</exception>
    public void ReplyBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, RequestedBytes, nameof(bytes));
        CopyToData(bytes);
        Reply(0, bytes.Length);
    }

    /// <summary>Answers READDIR or READDIRPLUS with what was added to <see cref="Directory"/>.</summary>
    public void ReplyDirectory() => Reply(0, Directory.WrittenBytes);

    /// <summary>Answers WRITE.</summary>
    /// <param name="lengthBytes">How many bytes of the payload were written.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than the payload holds; the request is not answered.</exception>
    public void ReplyWritten(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, Payload.Length);
        ReplyBody(new WriteOut { Size = (uint)lengthBytes });
    }

    /// <summary>Answers POLL.</summary>
    /// <param name="ready">All that the file is ready for; what nobody asked about is no matter.</param>
    public void ReplyPolled(FusePollEvents ready) => ReplyBody(new PollOut { Events = ready });

    /// <summary>Answers LSEEK.</summary>
    /// <param name="offsetBytes">What was found.</param>
    public void ReplySeek(long offsetBytes) => ReplyBody(new SeekOut { Offset = (ulong)offsetBytes });

    /// <summary>Answers COPY_FILE_RANGE, in the width that the kernel asked in.</summary>
    /// <param name="lengthBytes">How many bytes were copied; at most what was asked for.</param>
    public void ReplyCopied(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        if (Opcode == FuseOpcode.CopyFileRange64)
        {
            ReplyBody(new CopyFileRangeOut { BytesCopied = (ulong)lengthBytes });
        }
        else
        {
            ReplyBody(new WriteOut { Size = (uint)Math.Min(lengthBytes, uint.MaxValue) });
        }
    }

    /// <summary>Answers STATFS.</summary>
    /// <param name="statistics">The statistics.</param>
    public void ReplyStatistics(in FuseStatistics statistics) => ReplyBody(WireConversion.ToWire(statistics));

    /// <summary>
    /// Answers GETXATTR or LISTXATTR as the caller asked: with the length alone, with the bytes, or with ERANGE when the caller's buffer
    /// is too small.
    /// </summary>
    /// <param name="value">The value, or the names each ended by a zero byte; copied.</param>
    public void ReplyExtendedAttribute(ReadOnlySpan<byte> value)
    {
        if (RequestedBytes == 0)
        {
            ReplyBody(new GetExtendedAttributeOut { Size = (uint)value.Length });
        }
        else if (value.Length > RequestedBytes)
        {
            ReplyError(FuseErrno.ERANGE);
        }
        else
        {
            CopyToData(value);
            Reply(0, value.Length);
        }
    }

    /// <summary>Answers with an error unless there is an answer already.</summary>
    /// <returns>Whether this was the answer.</returns>
    internal bool TryReplyError(int errno)
    {
        if (!TryClaim())
        {
            return false;
        }

        Send(KernelErrno(errno), 0, 0);
        return true;
    }

    private static int KernelErrno(int errno) => errno is > 0 and <= HighestErrno ? errno : FuseErrno.EIO;

    private void CopyToData(ReadOnlySpan<byte> bytes) => bytes.CopyTo(new Span<byte>(_memory.Data, DataCapacityBytes));

    private void ReplyBody<T>(in T body)
        where T : unmanaged
    {
        Claim();
        Unsafe.WriteUnaligned(_memory.Body, body);
        Send(0, Unsafe.SizeOf<T>(), 0);
    }

    private void Reply(int errno, int dataBytes)
    {
        Claim();
        Send(errno, 0, dataBytes);
    }

    private void Send(int errno, int bodyBytes, int dataBytes)
    {
        try
        {
            Channel.Send(this, errno, bodyBytes, dataBytes);
        }
        finally
        {
            Unpin();
        }
    }
}
