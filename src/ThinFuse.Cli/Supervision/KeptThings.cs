using Microsoft.Win32.SafeHandles;
using ThinFuse.Daemon.Supervision;

namespace ThinFuse.Cli.Supervision;

/// <summary>What the first server gave to be kept: while the descriptors are open, the mount lives and the pool has its owner.</summary>
internal sealed class KeptThings(SupervisionMessage message) : IDisposable
{
    /// <summary>The descriptors, in the order in which they came.</summary>
    public IReadOnlyList<SafeFileHandle> Descriptors => message.Descriptors;

    /// <summary>What goes with them; for servers only.</summary>
    public byte[] Description => message.Body;

    /// <summary>Lets go: without a server the connection ends, and whoever waits for an answer gets an error.</summary>
    public void Dispose()
    {
        foreach (SafeFileHandle descriptor in message.Descriptors)
        {
            descriptor.Dispose();
        }
    }
}
