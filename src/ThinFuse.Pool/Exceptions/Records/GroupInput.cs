namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>What an operation wants of a record.</summary>
internal readonly struct GroupInput
{
    private const int Whole = -1;
    private const int Move = -2;

    private GroupInput(int index, long belowAddress, in ChunkException exception)
    {
        Index = index;
        BelowAddress = belowAddress;
        Exception = exception;
    }

    /// <summary>The chunk within its group, for <see cref="One"/>.</summary>
    public int Index { get; }

    /// <summary>The new value of the chunk, when changing one.</summary>
    public ChunkException Exception { get; }

    /// <summary>For <see cref="MoveFrom"/>: records from here on stay where they are.</summary>
    public long BelowAddress { get; }

    public bool IsWhole => Index == Whole;

    public bool IsMove => Index == Move;

    /// <summary>Read or change one chunk's exception.</summary>
    public static GroupInput One(int index, in ChunkException exception = default) => new(index, 0, exception);

    /// <summary>Read all exceptions of the group.</summary>
    public static GroupInput WholeGroup => new(Whole, 0, default);

    /// <summary>Copy the record to the log's end if it lies below an address; its value stays the same.</summary>
    public static GroupInput MoveFrom(long belowAddress) => new(Move, belowAddress, default);
}
