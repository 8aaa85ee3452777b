using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ThinFuse.Cli.Native;

/// <summary>A descriptor that polls readable from the moment a token is cancelled: so that poll(2) can wait for both.</summary>
internal sealed partial class WakeEvent : IDisposable
{
    private const int CloseOnExec = 0x80000;

    private readonly CancellationTokenRegistration _registration;

    /// <param name="cancel">The token.</param>
    /// <exception cref="Win32Exception">There is no descriptor left.</exception>
    public WakeEvent(CancellationToken cancel)
    {
        Descriptor = Make(0, CloseOnExec);
        if (Descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _registration = cancel.Register(() => _ = Add(Descriptor, 1));
    }

    /// <summary>What to poll.</summary>
    public int Descriptor { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _ = Posix.Close(Descriptor);
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Make(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "eventfd_write")]
    private static partial int Add(int descriptor, ulong value);
}
