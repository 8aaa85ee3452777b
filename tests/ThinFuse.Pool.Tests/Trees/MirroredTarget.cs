using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Transfer;
using ThinFuse.Pool.Transfer;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Receives into a volume, and into its model.</summary>
internal sealed class MirroredTarget(TestPool pool, WholeModel model, string target) : ITransferTarget, IDisposable
{
    private readonly HandleTarget _handle = new(pool, model.Receives[target].File, target);

    private string File => model.Receives[target].File;

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        _handle.Write(offsetBytes, data);
        model.Content.Write(File, offsetBytes, data);
    }

    /// <inheritdoc/>
    public void Zero(long offsetBytes, long lengthBytes)
    {
        _handle.Zero(offsetBytes, lengthBytes);
        model.Content.Punch(File, offsetBytes, lengthBytes);
    }

    /// <inheritdoc/>
    public void Keep(long keptBytes)
    {
        _handle.Keep(keptBytes);
        ReceiveProgress receive = model.Receives[target];
        model.Receives[target] = receive with { Token = receive.Token with { KeptBytes = Math.Max(keptBytes, receive.Token.KeptBytes) } };
    }

    public void Dispose() => _handle.Dispose();
}
