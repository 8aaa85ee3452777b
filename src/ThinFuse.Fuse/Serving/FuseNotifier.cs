using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Serving;

/// <summary>Tells the kernel what changed behind its back, so that it drops what it has cached. Thread-safe.</summary>
/// <remarks>
/// <para>Each method returns true when the kernel dropped something, and false when it knew nothing of it or the session is over.
/// Anything else throws <see cref="FuseException"/>.</para>
/// <para>The kernel takes locks that it also holds while it waits for answers: never call these from a handler, nor while
/// a request on the same directory or inode waits for the calling thread.</para>
/// </remarks>
public sealed unsafe class FuseNotifier
{
    private const int PollCode = 1;
    private const int InvalidateInodeCode = 2;
    private const int InvalidateEntryCode = 3;
    private const int DeleteCode = 6;
    private const int ResendCode = 7;

    /// <summary>EPIPE: the other end of a socket was closed.</summary>
    private const int BrokenPipe = 32;

    private readonly SafeFileHandle _device;

    internal FuseNotifier(SafeFileHandle device) => _device = device;

    /// <summary>Drops cached attributes and data of a node.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="offsetBytes">Start of the data to drop; negative drops attributes only.</param>
    /// <param name="lengthBytes">Length of the data to drop; 0 or less reaches to the end of the file.</param>
    public bool InvalidateInode(ulong nodeId, long offsetBytes = 0, long lengthBytes = 0) =>
        Send(InvalidateInodeCode, new InvalidateInodeOut { NodeId = nodeId, Offset = offsetBytes, Length = lengthBytes }, default);

    /// <summary>Drops a cached name, also the knowledge that a name does not exist. Open files stay open.</summary>
    /// <param name="parent">The directory's node.</param>
    /// <param name="name">The name.</param>
    public bool InvalidateEntry(ulong parent, ReadOnlySpan<byte> name) =>
        Send(InvalidateEntryCode, new InvalidateEntryOut { Parent = parent, NameLength = (uint)name.Length }, name);

    /// <summary>Says that a name was removed: drops it, and tells those who watch the directory (inotify).</summary>
    /// <param name="parent">The directory's node.</param>
    /// <param name="child">The node that the name stood for; nothing happens when the kernel knows the name as another.</param>
    /// <param name="name">The name.</param>
    public bool Delete(ulong parent, ulong child, ReadOnlySpan<byte> name) =>
        Send(DeleteCode, new DeleteOut { Parent = parent, Child = child, NameLength = (uint)name.Length }, name);

    /// <summary>Has those who poll an open file ask again. Takes none of the locks above. A handle that means nothing any more wakes nobody.</summary>
    /// <param name="wakeHandle">As <see cref="FuseFileSystem.Poll"/> gave it.</param>
    public bool WakePollers(ulong wakeHandle) => Send(PollCode, new PollWakeUpOut { WakeHandle = wakeHandle }, default);

    /// <summary>
    /// Has the kernel send every request again that was read and not answered, marked by <see cref="FuseRequest.IsResent"/>. To be called while nothing is
    /// read from the connection: what this process had read would come twice.
    /// </summary>
    internal bool Resend()
    {
        OutHeader header = new() { Length = (uint)Unsafe.SizeOf<OutHeader>(), Error = ResendCode };
        IoVector vector = new() { Address = &header, LengthBytes = (nuint)Unsafe.SizeOf<OutHeader>() };
        return Write(&vector, 1);
    }

    private bool Send<T>(int code, T body, ReadOnlySpan<byte> name)
        where T : unmanaged
    {
        byte zero = 0;
        fixed (byte* nameAddress = name)
        {
            bool named = nameAddress != null;
            OutHeader header = new()
            {
                Length = (uint)(Unsafe.SizeOf<OutHeader>() + Unsafe.SizeOf<T>() + name.Length + (named ? 1 : 0)),
                Error = code,
            };
            IoVector* vectors = stackalloc IoVector[4];
            vectors[0] = new IoVector { Address = &header, LengthBytes = (nuint)Unsafe.SizeOf<OutHeader>() };
            vectors[1] = new IoVector { Address = &body, LengthBytes = (nuint)Unsafe.SizeOf<T>() };
            vectors[2] = new IoVector { Address = nameAddress, LengthBytes = (nuint)name.Length };
            vectors[3] = new IoVector { Address = &zero, LengthBytes = 1 };
            return Write(vectors, named ? 4 : 2);
        }
    }

    private bool Write(IoVector* vectors, int count)
    {
        while (true)
        {
            int errno;
            try
            {
                errno = Libc.WriteVector(_device, vectors, count) >= 0 ? 0 : Marshal.GetLastPInvokeError();
            }
            catch (ObjectDisposedException)
            {
                return false;
            }

            switch (errno)
            {
                case 0:
                    return true;
                case FuseErrno.EINTR:
                    continue;
                case FuseErrno.ENOENT or FuseErrno.ENODEV or FuseErrno.ENOTDIR or FuseErrno.ENOTCONN or FuseErrno.ECONNABORTED or FuseErrno.EPERM
                    or BrokenPipe:
                    return false;
                default:
                    throw new FuseException(errno, $"the kernel refused a notification: {FuseErrno.Describe(errno)}");
            }
        }
    }
}
