using System.Buffers.Binary;
using System.Text;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Transfer.Format;

/// <summary>What a stream is of.</summary>
/// <param name="StreamId">Of this stream alone: no record of another one passes for one of it.</param>
/// <param name="ContentId">The snapshot's content; the same in every pool that has it.</param>
/// <param name="BaseId">The content that the stream changes into it; empty when it carries everything.</param>
/// <param name="SizeBytes">The snapshot's size.</param>
/// <param name="StartBytes">What lies before was carried by an earlier stream that broke off; 0 for none.</param>
/// <param name="CreatedAt">When the snapshot was made, to the millisecond.</param>
/// <param name="ChunkBytes">Chunk size of the pool that it comes from.</param>
/// <param name="BlockBytes">Block size of that pool, to which ranges are exact.</param>
/// <param name="Name">The snapshot's name there, such as vm1@monday.</param>
public sealed record TransferHeader(
    Guid StreamId, Guid ContentId, Guid BaseId, long SizeBytes, long StartBytes, DateTimeOffset CreatedAt, int ChunkBytes, int BlockBytes, string Name)
{
    /// <summary>Whether it carries only what changed since another snapshot.</summary>
    public bool IsIncremental => BaseId != Guid.Empty;

    internal byte[] ToBytes()
    {
        byte[] name = Encoding.UTF8.GetBytes(Name);
        byte[] bytes = new byte[TransferFormat.FixedHeaderBytes + name.Length + sizeof(uint)];
        Span<byte> span = bytes;
        BinaryPrimitives.WriteUInt64LittleEndian(span, TransferFormat.Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(span[8..], TransferFormat.Version);
        BinaryPrimitives.WriteUInt16LittleEndian(span[10..], checked((ushort)bytes.Length));
        StreamId.TryWriteBytes(span[16..]);
        ContentId.TryWriteBytes(span[32..]);
        BaseId.TryWriteBytes(span[48..]);
        BinaryPrimitives.WriteInt64LittleEndian(span[64..], SizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(span[72..], StartBytes);
        BinaryPrimitives.WriteInt64LittleEndian(span[80..], CreatedAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32LittleEndian(span[88..], ChunkBytes);
        BinaryPrimitives.WriteInt32LittleEndian(span[92..], BlockBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(span[96..], checked((ushort)name.Length));
        name.CopyTo(span[TransferFormat.FixedHeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[^sizeof(uint)..], Crc32C.Compute(span[..^sizeof(uint)]));
        return bytes;
    }

    /// <summary>Reads a header whose magic, version and length are known to be right.</summary>
    /// <exception cref="PoolException">Damaged.</exception>
    internal static TransferHeader Parse(ReadOnlySpan<byte> bytes)
    {
        int nameBytes = bytes.Length - TransferFormat.FixedHeaderBytes - sizeof(uint);
        long createdMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[80..]);
        bool isSound = BinaryPrimitives.ReadUInt32LittleEndian(bytes[^sizeof(uint)..]) == Crc32C.Compute(bytes[..^sizeof(uint)])
            && BinaryPrimitives.ReadUInt16LittleEndian(bytes[96..]) == nameBytes
            && createdMs >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && createdMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        return isSound
            ? new TransferHeader(
                new Guid(bytes.Slice(16, 16)),
                new Guid(bytes.Slice(32, 16)),
                new Guid(bytes.Slice(48, 16)),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[72..]),
                DateTimeOffset.FromUnixTimeMilliseconds(createdMs),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[88..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[92..]),
                Encoding.UTF8.GetString(bytes.Slice(TransferFormat.FixedHeaderBytes, nameBytes)))
            : throw new PoolException(PoolErrorKind.Damaged, "the stream's header is damaged: its checksum is wrong; send it again");
    }
}
