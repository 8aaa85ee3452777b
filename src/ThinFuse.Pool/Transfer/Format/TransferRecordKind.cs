namespace ThinFuse.Pool.Transfer.Format;

/// <summary>What a record of a stream says. In streams: never renumber.</summary>
public enum TransferRecordKind : byte
{
    /// <summary>The range holds the bytes that follow.</summary>
    Data = 1,

    /// <summary>The range reads as zero.</summary>
    Zero = 2,

    /// <summary>The stream is whole.</summary>
    End = 3,
}
