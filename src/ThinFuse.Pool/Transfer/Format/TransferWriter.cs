namespace ThinFuse.Pool.Transfer.Format;

/// <summary>Writes a stream. Ranges come in ascending order. Not thread-safe; errors of the output are its own exceptions.</summary>
public sealed class TransferWriter
{
    private readonly Stream _output;
    private readonly Guid _streamId;
    private readonly byte[] _record = new byte[TransferFormat.RecordBytes];
    private long _sequence;

    /// <summary>Begins a stream: writes the header.</summary>
    /// <param name="output">Gets the bytes; flushed at the end, and not closed.</param>
    /// <param name="header">What the stream is of.</param>
    public TransferWriter(Stream output, TransferHeader header)
    {
        _output = output;
        _streamId = header.StreamId;
        byte[] bytes = header.ToBytes();
        _output.Write(bytes);
        StreamBytes = bytes.Length;
    }

    /// <summary>Bytes of data written so far, without what is around them.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Bytes told to be zero so far.</summary>
    public long ZeroBytes { get; private set; }

    /// <summary>Bytes of the stream so far.</summary>
    public long StreamBytes { get; private set; }

    /// <summary>Writes bytes of a range, at most 1 MiB.</summary>
    public void Data(long offsetBytes, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, TransferFormat.MaxDataBytes);
        Write(TransferRecordKind.Data, offsetBytes, data.Length, data);
        DataBytes += data.Length;
    }

    /// <summary>Says that a range reads as zero.</summary>
    public void Zero(long offsetBytes, long lengthBytes)
    {
        Write(TransferRecordKind.Zero, offsetBytes, lengthBytes, []);
        ZeroBytes += lengthBytes;
    }

    /// <summary>Says that the stream is whole.</summary>
    public void End()
    {
        Write(TransferRecordKind.End, DataBytes, ZeroBytes, []);
        _output.Flush();
    }

    private void Write(TransferRecordKind kind, long offsetBytes, long lengthBytes, ReadOnlySpan<byte> data)
    {
        TransferFormat.Seal(_record, _streamId, new TransferRecord(kind, _sequence++, offsetBytes, lengthBytes), data);
        _output.Write(_record);
        _output.Write(data);
        StreamBytes += _record.Length + data.Length;
    }
}
