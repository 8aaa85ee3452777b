using System.Runtime.CompilerServices;

namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>What an operation wants of a record.</summary>
internal readonly unsafe struct GroupInput
{
    private const int Whole = -1;
    private const int Move = -2;

    private readonly ChunkException* _values;
    private readonly int _count;

    private GroupInput(int index, long belowAddress = 0, ChunkException* values = null, int count = 0)
    {
        Index = index;
        BelowAddress = belowAddress;
        _values = values;
        _count = count;
    }

    /// <summary>The chunk within its group, for <see cref="One"/>; the first one, for <see cref="Put"/>.</summary>
    public int Index { get; }

    private int ValueBytes => _count * ChunkException.SizeBytes;

    /// <summary>For <see cref="MoveFrom"/>: records from here on stay where they are.</summary>
    public long BelowAddress { get; }

    public bool IsWhole => Index == Whole;

    public bool IsMove => Index == Move;

    /// <summary>Whether all new values are empty.</summary>
    public bool IsRemoval
    {
        get
        {
            for (int i = 0; i < _count; i++)
            {
                if (!_values[i].IsEmpty)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Read one chunk's exception.</summary>
    public static GroupInput One(int index) => new(index);

    /// <summary>Read all exceptions of the group.</summary>
    public static GroupInput WholeGroup => new(Whole);

    /// <summary>Change neighbouring chunks' exceptions; the new values stay in their place until the operation has ended.</summary>
    public static GroupInput Put(int index, int count, ChunkException* values) => new(index, 0, values, count);

    /// <summary>Copy the record to the log's end if it lies below an address; its value stays the same.</summary>
    public static GroupInput MoveFrom(long belowAddress) => new(Move, belowAddress);

    /// <summary>Whether a record has the new values already.</summary>
    public bool IsIn(in GroupRecord record)
    {
        fixed (ChunkException* old = &record[Index])
        {
            // Equal exceptions are equal byte by byte.
            return new ReadOnlySpan<byte>(old, ValueBytes).SequenceEqual(new ReadOnlySpan<byte>(_values, ValueBytes));
        }
    }

    /// <summary>Puts the new values into a record.</summary>
    public void CopyTo(ref GroupRecord record) => Unsafe.CopyBlockUnaligned(ref Unsafe.As<ChunkException, byte>(ref record[Index]), ref *(byte*)_values, (uint)ValueBytes);
}
