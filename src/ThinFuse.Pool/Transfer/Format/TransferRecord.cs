namespace ThinFuse.Pool.Transfer.Format;

/// <summary>The head of a record.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Sequence">Its number, from 0.</param>
/// <param name="OffsetBytes">Where its range begins; of the end, the bytes of all data records.</param>
/// <param name="LengthBytes">How long its range is; of the end, the bytes of all zero records.</param>
public readonly record struct TransferRecord(TransferRecordKind Kind, long Sequence, long OffsetBytes, long LengthBytes);
