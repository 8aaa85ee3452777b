using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>The value of a record: the exceptions of 32 neighbouring chunks, 320 bytes.</summary>
[InlineArray(IExceptionTable.GroupChunks)]
internal struct GroupRecord
{
    public const int SizeBytes = IExceptionTable.GroupChunks * ChunkException.SizeBytes;

    /// <summary>What a record takes in the log: header, key, value.</summary>
    public const int LoggedBytes = 8 + 16 + SizeBytes;

    private ChunkException _first;

    public readonly bool IsEmpty
    {
        get
        {
            // An empty exception is all zero bytes.
            return !MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<ChunkException, byte>(ref Unsafe.AsRef(in _first)), SizeBytes).ContainsAnyExcept((byte)0);
        }
    }
}
