using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Transfer.Format;

namespace ThinFuse.Pool.Transfer;

/// <summary>Makes a stream out of ranges: reads what they hold, leaves out what was sent before, and tells of zeros as zeros. Not thread-safe.</summary>
public sealed class TransferSender
{
    private readonly TransferWriter _writer;
    private readonly TransferHeader _header;
    private readonly TransferRead _read;
    private readonly byte[] _buffer = new byte[TransferFormat.MaxDataBytes];

    /// <summary>Begins a stream.</summary>
    /// <param name="output">Gets the stream.</param>
    /// <param name="header">What it is of, and where it begins.</param>
    /// <param name="read">Reads the snapshot.</param>
    public TransferSender(Stream output, TransferHeader header, TransferRead read)
    {
        _writer = new TransferWriter(output, header);
        _header = header;
        _read = read;
    }

    /// <summary>Bytes of data sent so far.</summary>
    public long DataBytes => _writer.DataBytes;

    /// <summary>Bytes of the stream so far.</summary>
    public long StreamBytes => _writer.StreamBytes;

    /// <summary>Sends a range; they come in ascending order.</summary>
    public void Send(ChangedRange range)
    {
        long end = range.OffsetBytes + range.LengthBytes;
        long offset = Math.Max(range.OffsetBytes, _header.StartBytes);
        if (range.Kind == RangeKind.Zero)
        {
            if (offset < end)
            {
                _writer.Zero(offset, end - offset);
            }

            return;
        }

        while (offset < end)
        {
            Span<byte> piece = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, end - offset));
            _read(offset, piece);
            if (piece.ContainsAnyExcept((byte)0))
            {
                _writer.Data(offset, piece);
            }
            else
            {
                _writer.Zero(offset, piece.Length);
            }

            offset += piece.Length;
        }
    }

    /// <summary>Ends the stream: what was sent is all.</summary>
    public void End() => _writer.End();
}
