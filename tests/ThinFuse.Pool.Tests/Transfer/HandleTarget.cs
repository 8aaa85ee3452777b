using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Transfer;

/// <summary>Receives into an open volume.</summary>
internal sealed class HandleTarget(TestPool pool, string name, string volume) : ITransferTarget, IDisposable
{
    private readonly VolumeHandle _handle = pool.Handle(name);

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => _handle.Write(offsetBytes, data).Should().Be(data.Length);

    /// <inheritdoc/>
    public void Zero(long offsetBytes, long lengthBytes) => _handle.Punch(offsetBytes, lengthBytes);

    /// <inheritdoc/>
    public void Keep(long keptBytes) => pool.Pool.KeepReceived(volume, keptBytes);

    public void Dispose() => _handle.Dispose();
}
