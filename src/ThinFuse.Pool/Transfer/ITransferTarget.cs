namespace ThinFuse.Pool.Transfer;

/// <summary>Takes what a stream carries. Called by one thread; exceptions end the receiving.</summary>
public interface ITransferTarget
{
    /// <summary>Writes bytes.</summary>
    void Write(long offsetBytes, ReadOnlySpan<byte> data);

    /// <summary>Makes a range read as zero.</summary>
    void Zero(long offsetBytes, long lengthBytes);

    /// <summary>Makes everything up to an offset survive power loss, and remembers the offset: the stream can be resumed from there.</summary>
    void Keep(long keptBytes);
}
