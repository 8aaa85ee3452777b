using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The address of a pool's control socket, for connecting as well as for listening.</summary>
/// <remarks>
/// A socket address holds 107 bytes of path. A pool that lies deeper is reached through a descriptor of its directory,
/// so <see cref="Address"/> is valid only until this is disposed.
/// </remarks>
public sealed partial class ControlSocket : IDisposable
{
    /// <summary>The socket's name in the pool directory.</summary>
    public const string FileName = "control.sock";

    private const int MaxAddressBytes = 107;
    private const int OpenPathDirectory = 0x200000 | 0x10000 | 0x80000; // O_PATH | O_DIRECTORY | O_CLOEXEC

    private readonly SafeFileHandle? _directory;

    /// <summary>Finds the address; the socket itself need not exist.</summary>
    /// <param name="poolDirectory">The pool directory.</param>
    /// <exception cref="Win32Exception">The path is long, and the directory cannot be opened.</exception>
    public ControlSocket(string poolDirectory)
    {
        FilePath = Path.Combine(Path.GetFullPath(poolDirectory), FileName);
        Address = FilePath;
        if (Encoding.UTF8.GetByteCount(FilePath) <= MaxAddressBytes)
        {
            return;
        }

        int descriptor = Open(Path.GetFullPath(poolDirectory), OpenPathDirectory);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _directory = new SafeFileHandle(descriptor, ownsHandle: true);
        Address = $"/proc/self/fd/{descriptor}/{FileName}";
    }

    /// <summary>Where the socket lies, absolute; for messages, chmod and unlink.</summary>
    public string FilePath { get; }

    /// <summary>What to connect or bind to.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public void Dispose() => _directory?.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
