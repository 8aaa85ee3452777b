using ThinFuse.Daemon.Control.Client;
using ThinFuse.Pool.Transfer;

namespace ThinFuse.Cli.Transfer;

/// <summary>Receives into a file of the mount; the daemon remembers how far.</summary>
/// <param name="file">The file.</param>
/// <param name="client">The daemon.</param>
/// <param name="volume">The volume that it will be.</param>
internal sealed class MountedTarget(MountedFile file, ControlClient client, string volume) : ITransferTarget
{
    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => file.Write(offsetBytes, data);

    /// <inheritdoc/>
    public void Zero(long offsetBytes, long lengthBytes) => file.Punch(offsetBytes, lengthBytes);

    /// <inheritdoc/>
    public void Keep(long keptBytes) => client.KeepReceivedAsync(volume, keptBytes, CancellationToken.None).GetAwaiter().GetResult();
}
