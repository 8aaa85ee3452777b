using System.Buffers.Binary;

namespace ThinFuse.Pool.Transfer.Format;

/// <summary>
/// Reads a stream and proves every byte of it before it hands it on. Takes no byte behind the end, so that another stream may follow. Not thread-safe.
/// </summary>
/// <remarks>Everything that is not as the format says is <see cref="PoolException"/>: Damaged, or Failed when the stream ends too early.</remarks>
public sealed class TransferReader
{
    private readonly Stream _input;
    private readonly byte[] _record = new byte[TransferFormat.RecordBytes];
    private readonly byte[] _data = new byte[TransferFormat.MaxDataBytes];
    private long _sequence;
    private long _end;
    private long _dataBytes;
    private long _zeroBytes;

    /// <summary>Begins: reads the header.</summary>
    public TransferReader(Stream input)
    {
        _input = input;
        byte[] head = new byte[TransferFormat.HeadBytes];
        Fill(head);
        if (BinaryPrimitives.ReadUInt64LittleEndian(head) != TransferFormat.Magic)
        {
            throw new PoolException(PoolErrorKind.Damaged, "this is no stream of 'thinfuse send'");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(8)) is var version && version != TransferFormat.Version)
        {
            throw new PoolException(PoolErrorKind.Failed, $"the stream has version {version}, and version {TransferFormat.Version} is known here; use a newer thinfuse");
        }

        int lengthBytes = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(10));
        if (lengthBytes is < TransferFormat.FixedHeaderBytes + sizeof(uint) or > TransferFormat.MaxHeaderBytes)
        {
            throw new PoolException(PoolErrorKind.Damaged, "the stream's header is damaged: it has no possible length; send it again");
        }

        byte[] header = new byte[lengthBytes];
        head.CopyTo(header, 0);
        Fill(header.AsSpan(head.Length));
        Header = TransferHeader.Parse(header);
        _end = Header.StartBytes;
    }

    /// <summary>What the stream is of.</summary>
    public TransferHeader Header { get; }

    /// <summary>Bytes read so far.</summary>
    public long StreamBytes { get; private set; }

    /// <summary>The data of the last record; empty when it has none. Valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>Reads the next record; after the one of kind End there is none.</summary>
    public TransferRecord Next()
    {
        Fill(_record);
        TransferRecord record = TransferFormat.Parse(_record);
        int dataBytes = record.Kind == TransferRecordKind.Data && record.LengthBytes is >= 0 and <= TransferFormat.MaxDataBytes
            ? (int)record.LengthBytes
            : 0;
        Data = _data.AsMemory(0, dataBytes);
        Fill(_data.AsSpan(0, dataBytes));
        if (!TransferFormat.IsSealed(_record, Header.StreamId, Data.Span) || record.Sequence != _sequence)
        {
            throw Damaged("its checksum or its number is wrong");
        }

        Check(record);
        _sequence++;
        return record;
    }

    private void Check(TransferRecord record)
    {
        switch (record.Kind)
        {
            case TransferRecordKind.Data or TransferRecordKind.Zero:
                bool isRange = record.LengthBytes > 0 && record.OffsetBytes >= _end && record.LengthBytes <= Header.SizeBytes - record.OffsetBytes
                    && (record.Kind == TransferRecordKind.Zero || record.LengthBytes <= TransferFormat.MaxDataBytes);
                if (!isRange)
                {
                    throw Damaged("its range is not behind the one before, or beyond the volume");
                }

                _end = record.OffsetBytes + record.LengthBytes;
                _dataBytes += record.Kind == TransferRecordKind.Data ? record.LengthBytes : 0;
                _zeroBytes += record.Kind == TransferRecordKind.Zero ? record.LengthBytes : 0;
                break;
            case TransferRecordKind.End when record.OffsetBytes == _dataBytes && record.LengthBytes == _zeroBytes:
                break;
            default:
                throw Damaged("it is of unknown kind, or the sums at the end are wrong");
        }
    }

    private PoolException Damaged(string why) =>
        new(PoolErrorKind.Damaged, $"the stream is damaged at record {_sequence}, before byte {StreamBytes}: {why}");

    private void Fill(Span<byte> buffer)
    {
        int read = _input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        StreamBytes += read;
        if (read != buffer.Length)
        {
            throw new PoolException(PoolErrorKind.Failed, $"the stream ends too early, after {StreamBytes} bytes");
        }
    }
}
