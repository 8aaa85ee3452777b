using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>A Unix socket that only its owner may connect to.</summary>
internal static partial class OwnerOnlySocket
{
    private const uint OwnerReadWrite = 0x180; // 0600

    /// <summary>
    /// Makes it and binds it. The mode is set before the name appears, so that there is no moment at which another user can connect.
    /// </summary>
    /// <exception cref="SocketException">The address is taken or cannot be bound.</exception>
    public static Socket Bind(EndPoint endPoint)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using SafeFileHandle descriptor = new(socket.Handle, ownsHandle: false);
            if (ChangeMode(descriptor, OwnerReadWrite) < 0)
            {
                throw new SocketException(Marshal.GetLastPInvokeError());
            }

            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeMode(SafeFileHandle file, uint mode);
}
