using System.Buffers.Binary;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Nodes;

/// <summary>The first block of a node: says whose it is, so that no pool ever writes to another's extents.</summary>
internal static class NodeLabel
{
    /// <summary>Length of a label.</summary>
    public const int LengthBytes = 4096;

    private const ulong Magic = 0x45444F4E4E494854; // "THINNODE"
    private const uint Version = 1;
    private const int OwnerAt = 32;

    public static void Write(IStorageFile file, Guid poolId, byte nodeIndex, Guid owner)
    {
        using AlignedBuffer buffer = new(LengthBytes);
        Span<byte> label = buffer.Span;
        label.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(label, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(label[8..], Version);
        poolId.TryWriteBytes(label[12..]);
        label[28] = nodeIndex;
        owner.TryWriteBytes(label[OwnerAt..]);
        Checksum.Seal(label, Magic);
        file.Write(0, label);
        file.Flush();
    }

    public static void Verify(IStorageFile file, Guid poolId, NodeRecord record, Guid owner)
    {
        if (VerifyPlace(file, poolId, record) != owner)
        {
            throw new PoolException(
                PoolErrorKind.Damaged,
                $"node n-{record.Index} at {file.Path} belongs to other metadata of this pool, which was restored or repaired since; use that pool directory");
        }
    }

    /// <summary>Verifies all but which metadata of the pool the node belongs to, and returns that.</summary>
    public static Guid VerifyPlace(IStorageFile file, Guid poolId, NodeRecord record)
    {
        if (file.LengthBytes < LengthBytes)
        {
            throw Damaged(file, record, "is too short to be one");
        }

        using AlignedBuffer buffer = new(LengthBytes);
        Span<byte> label = buffer.Span;
        file.Read(0, label);
        if (!IsOne(label))
        {
            throw Damaged(file, record, "has no readable label");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(label[8..]) != Version)
        {
            throw new PoolException(PoolErrorKind.Failed, $"node n-{record.Index} at {file.Path} has a newer format; use a newer thinfuse");
        }

        if (new Guid(label.Slice(12, 16)) != poolId || label[28] != record.Index)
        {
            throw Damaged(file, record, "belongs to another pool, or to another place in this one");
        }

        return new Guid(label.Slice(OwnerAt, 16));
    }

    /// <summary>Whether bytes are a label, of whatever pool.</summary>
    public static bool IsOne(ReadOnlySpan<byte> label) =>
        BinaryPrimitives.ReadUInt64LittleEndian(label) == Magic && Checksum.IsSealed(label, Magic);

    /// <summary>Whether the first MiB is all zero, so that a label does not overwrite somebody's data.</summary>
    public static bool IsBlank(IStorageFile file)
    {
        using AlignedBuffer buffer = new((int)Node.DataStartBytes);
        int lengthBytes = (int)Math.Min(file.LengthBytes, Node.DataStartBytes);
        lengthBytes -= lengthBytes % Math.Max(1, file.AlignmentBytes);
        Span<byte> start = buffer.Span[..lengthBytes];
        file.Read(0, start);
        return !start.ContainsAnyExcept((byte)0);
    }

    private static PoolException Damaged(IStorageFile file, NodeRecord record, string what) =>
        new(PoolErrorKind.Damaged, $"node n-{record.Index} at {file.Path} {what}; put the right file or device back");
}
