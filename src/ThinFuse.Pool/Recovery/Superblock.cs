using System.Buffers.Binary;
using System.Text;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Names the state a pool is opened from: a checkpoint of the table, the image of everything else, and where in which journal the rest begins.
/// Two slots are written in turn; the valid one with the higher generation counts, so a torn write leaves the one before.
/// </summary>
/// <param name="PoolId">The pool.</param>
/// <param name="Generation">Rises by one with each checkpoint; also names the image file.</param>
/// <param name="ChunkBytes">Chunk size.</param>
/// <param name="TableToken">The table's checkpoint.</param>
/// <param name="JournalGeneration">Rises with each opening; records of other generations do not count.</param>
/// <param name="FirstSequence">The first record that the image does not contain.</param>
/// <param name="BootId">The boot in which the journal is being written: in the same boot, unsynced records have survived.</param>
/// <param name="IsClosed">
/// Whether the pool was closed in order, so that no record follows the image and no journal need be read. The next opening unsays it before it writes one.
/// </param>
/// <param name="NodeOwner">
/// What the nodes' labels say whose they are: empty in a pool that was created, and new with each restore or repair, so that the metadata which came
/// before never gets hold of the nodes again.
/// </param>
internal sealed record Superblock(
    Guid PoolId, ulong Generation, int ChunkBytes, Guid TableToken, long JournalGeneration, long FirstSequence, string BootId,
    bool IsClosed = false, Guid NodeOwner = default)
{
    /// <summary>Where it is, relative to the pool directory.</summary>
    public const string FileName = "superblock";

    /// <summary>Length of a slot, bytes.</summary>
    public const int SlotBytes = 4096;

    private const int SlotCount = 2;
    private const ulong Magic = 0x4C4F4F504E494854; // "THINPOOL"
    private const uint FormatVersion = 1;
    private const int IsClosedAt = 338;
    private const int NodeOwnerAt = 340;

    /// <summary>The image file of this generation, relative to the pool directory.</summary>
    public string ImageFileName => ImageName(Generation);

    /// <summary>The file that says which extents are owned, where there is one.</summary>
    public string OwnershipFileName => $"{PoolLayout.OwnershipPrefix}{Generation}";

    public static string ImageName(ulong generation) => $"{PoolLayout.ImagePrefix}{generation}";

    /// <summary>The newest valid slot.</summary>
    public static Superblock Read(IStorage storage)
    {
        if (!storage.Exists(FileName))
        {
            throw new PoolException(PoolErrorKind.NotFound, "there is no pool here; create one with 'thinfuse pool create'");
        }

        return ReadSlots(storage).FirstOrDefault()
            ?? throw new PoolException(PoolErrorKind.Damaged, "the pool's superblock is damaged in both places; repair the pool, or restore its metadata");
    }

    /// <summary>The valid slots, the newest first.</summary>
    public static IReadOnlyList<Superblock> ReadSlots(IStorage storage)
    {
        using IStorageFile file = storage.Open(FileName, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] slots = new byte[SlotBytes * SlotCount];
        file.Read(0, slots);
        List<Superblock> valid = [];
        for (int slot = 0; slot < SlotCount; slot++)
        {
            // One that stands in the other's place was not written there.
            if (Parse(slots.AsSpan(slot * SlotBytes, SlotBytes)) is { } superblock && superblock.Generation % SlotCount == (ulong)slot)
            {
                valid.Add(superblock);
            }
        }

        valid.Sort((one, other) => other.Generation.CompareTo(one.Generation));
        return valid;
    }

    /// <summary>Writes the slot whose turn it is. Durable when it returns.</summary>
    public void Write(IStorage storage)
    {
        bool isNew = !storage.Exists(FileName);
        using IStorageFile file = storage.Open(FileName, isNew ? StorageOpenMode.CreateNew : StorageOpenMode.ReadWrite, StorageCaching.Cached);
        byte[] slot = Format();
        file.Write((long)(Generation % SlotCount) * SlotBytes, slot);
        file.Flush();
        if (isNew)
        {
            storage.SyncDirectory(".");
        }
    }

    /// <summary>
    /// Makes what was read survive power loss, before anything that an earlier slot names may go: a process that died within <see cref="Write"/> leaves a slot
    /// that is seen, but may be lost. After a power loss what is seen is durable.
    /// </summary>
    public void MakeDurable(IStorage storage)
    {
        if (BootId == storage.BootId)
        {
            using IStorageFile file = storage.Open(FileName, StorageOpenMode.Read, StorageCaching.Cached);
            file.Flush();
        }
    }

    /// <summary>The bytes of a slot.</summary>
    public byte[] Format()
    {
        byte[] slot = new byte[SlotBytes];
        Span<byte> at = slot;
        BinaryPrimitives.WriteUInt64LittleEndian(at, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], FormatVersion);
        PoolId.TryWriteBytes(at[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], Generation);
        BinaryPrimitives.WriteInt32LittleEndian(at[40..], ChunkBytes);
        TableToken.TryWriteBytes(at[48..]);
        BinaryPrimitives.WriteInt64LittleEndian(at[64..], JournalGeneration);
        BinaryPrimitives.WriteInt64LittleEndian(at[72..], FirstSequence);
        int bootIdBytes = Encoding.UTF8.GetBytes(BootId, at.Slice(82, 256));
        BinaryPrimitives.WriteUInt16LittleEndian(at[80..], (ushort)bootIdBytes);
        at[IsClosedAt] = IsClosed ? (byte)1 : (byte)0;
        NodeOwner.TryWriteBytes(at[NodeOwnerAt..]);
        Checksum.Seal(slot, Magic);
        return slot;
    }

    /// <summary>What a slot says; null when it is not what was written.</summary>
    public static Superblock? Parse(ReadOnlySpan<byte> slot)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(slot) != Magic || !Checksum.IsSealed(slot, Magic))
        {
            return null;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(slot[8..]) > FormatVersion)
        {
            throw new PoolException(PoolErrorKind.Failed, "the pool was made by a newer thinfuse; use that one");
        }

        int bootIdBytes = BinaryPrimitives.ReadUInt16LittleEndian(slot[80..]);
        return bootIdBytes > 256 ? null : new Superblock(
            new Guid(slot.Slice(16, 16)),
            BinaryPrimitives.ReadUInt64LittleEndian(slot[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(slot[40..]),
            new Guid(slot.Slice(48, 16)),
            BinaryPrimitives.ReadInt64LittleEndian(slot[64..]),
            BinaryPrimitives.ReadInt64LittleEndian(slot[72..]),
            Encoding.UTF8.GetString(slot.Slice(82, bootIdBytes)),
            slot[IsClosedAt] == 1,
            new Guid(slot.Slice(NodeOwnerAt, 16)));
    }
}
