using ThinFuse.Pool.Transfer;

namespace ThinFuse.Cli.Transfer;

/// <summary>Takes a stream whose content is there already, so that its sender does not meet a broken pipe.</summary>
internal sealed class NoTarget : ITransferTarget
{
    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
    }

    /// <inheritdoc/>
    public void Zero(long offsetBytes, long lengthBytes)
    {
    }

    /// <inheritdoc/>
    public void Keep(long keptBytes)
    {
    }
}
