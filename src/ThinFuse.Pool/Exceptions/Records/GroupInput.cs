namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>What an operation wants of a record: one exception of it, or all.</summary>
/// <param name="index">The chunk within its group, or <see cref="WholeGroup"/>.</param>
/// <param name="exception">The new value; unused when reading.</param>
internal readonly struct GroupInput(int index, in ChunkException exception = default)
{
    /// <summary>For reading: copy all exceptions out.</summary>
    public const int WholeGroup = -1;

    public readonly int Index = index;
    public readonly ChunkException Exception = exception;
}
