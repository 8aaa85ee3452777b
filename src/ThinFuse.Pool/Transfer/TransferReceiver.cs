using ThinFuse.Pool.Transfer.Format;

namespace ThinFuse.Pool.Transfer;

/// <summary>Takes a stream into a target, a record at a time, each proved before a byte of it is written.</summary>
/// <param name="reader">The stream, its header read.</param>
/// <param name="target">Gets the ranges.</param>
/// <param name="progressed">Told the bytes of the stream so far, after every record.</param>
public sealed class TransferReceiver(TransferReader reader, ITransferTarget target, Action<long>? progressed = null)
{
    /// <summary>Bytes written after which progress is kept: what a crash has sent again at most.</summary>
    public const long KeepEveryBytes = 64 << 20;

    /// <summary>The offset before which everything that came was written.</summary>
    public long TakenBytes { get; private set; } = reader.Header.StartBytes;

    /// <summary>Why what came before an exception could not be kept; null when it was.</summary>
    public Exception? KeepFailure { get; private set; }

    /// <summary>
    /// Takes everything up to the end, and keeps it. When it throws, what came before is kept where that is still possible: if not,
    /// <see cref="KeepFailure"/> says why, and the exception is the first one.
    /// </summary>
    public void Run()
    {
        try
        {
            TakeAll();
        }
        catch (Exception)
        {
            KeepIfPossible();
            throw;
        }

        target.Keep(TakenBytes);
    }

    private void TakeAll()
    {
        long sinceKept = 0;
        for (TransferRecord record = reader.Next(); record.Kind != TransferRecordKind.End; record = reader.Next())
        {
            if (record.Kind == TransferRecordKind.Data)
            {
                target.Write(record.OffsetBytes, reader.Data.Span);
                sinceKept += record.LengthBytes;
            }
            else
            {
                target.Zero(record.OffsetBytes, record.LengthBytes);
            }

            TakenBytes = record.OffsetBytes + record.LengthBytes;
            progressed?.Invoke(reader.StreamBytes);
            if (sinceKept >= KeepEveryBytes)
            {
                target.Keep(TakenBytes);
                sinceKept = 0;
            }
        }
    }

    private void KeepIfPossible()
    {
        try
        {
            target.Keep(TakenBytes);
        }
        catch (Exception e)
        {
            KeepFailure = e;
        }
    }
}
