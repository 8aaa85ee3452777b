using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Receives into an array.</summary>
internal sealed class ArrayTarget : ITransferTarget
{
    private readonly byte[] _content;

    private ArrayTarget(byte[] content) => _content = content;

    /// <summary>What a whole stream makes of its base.</summary>
    internal static byte[] Apply(byte[] stream, byte[] baseContent)
    {
        TransferReader reader = new(new MemoryStream(stream));
        byte[] content = new byte[reader.Header.SizeBytes];
        baseContent.AsSpan(0, Math.Min(content.Length, baseContent.Length)).CopyTo(content);
        new TransferReceiver(reader, new ArrayTarget(content)).Run();
        return content;
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => data.CopyTo(_content.AsSpan((int)offsetBytes));

    /// <inheritdoc/>
    public void Zero(long offsetBytes, long lengthBytes) => _content.AsSpan((int)offsetBytes, (int)lengthBytes).Clear();

    /// <inheritdoc/>
    public void Keep(long keptBytes)
    {
        // An array keeps what it has.
    }
}
