using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Which extents are owned, and how many by which layer, as the last checkpoint of an orderly close found it: so that opening need not read the whole
/// table. It can always be done without, for all of it follows from the exceptions.
/// </summary>
/// <remarks>
/// A sealed file, little-endian: magic 8, version 4, nodes 4, pool 16, generation 8, table token 16, first sequence 8, layers 8; for each node its slots (8)
/// and a bit for each; for each layer its id (4) and count (8); CRC32C. It counts only for the very superblock that it was written for.
/// </remarks>
internal static class OwnershipFile
{
    private const ulong Magic = 0x4E574F4E494854; // "THINOWN"
    private const uint Version = 1;
    private const int HeaderBytes = 72;
    private const int LayerBytes = sizeof(uint) + sizeof(long);

    /// <summary>Describes the owned extents; the metadata lock and all pending shards are held.</summary>
    public static byte[] Capture(PoolCore core, Superblock superblock)
    {
        IReadOnlyList<ulong[]> owned = core.Extents.CopyOwned(core.Pending.HeldExtents);
        LayerTree tree = core.Metadata.Tree;
        byte[] file = new byte[HeaderBytes + owned.Sum(words => sizeof(long) + (words.Length * sizeof(ulong))) + (tree.Count * LayerBytes) + sizeof(uint)];
        WriteHeader(file, superblock, owned.Count, tree.Count);
        Span<byte> at = file.AsSpan(HeaderBytes);
        for (int node = 0; node < owned.Count; node++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(at, core.Metadata.Nodes[node].ExtentCount);
            MemoryMarshal.AsBytes<ulong>(owned[node]).CopyTo(at[sizeof(long)..]);
            at = at[(sizeof(long) + (owned[node].Length * sizeof(ulong)))..];
        }

        foreach (Layer layer in tree.Layers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(at, layer.Id);
            BinaryPrimitives.WriteInt64LittleEndian(at[sizeof(uint)..], layer.OwnedCount);
            at = at[LayerBytes..];
        }

        Checksum.Seal(file, Magic);
        return file;
    }

    /// <summary>
    /// Takes the owned extents, and counts the layers', as the file of this superblock says. False, and nothing done, when it is not there or is not
    /// wholly what was written for this superblock and this metadata.
    /// </summary>
    public static bool TryApply(IStorage storage, Superblock superblock, MetadataState state, ExtentAllocator extents)
    {
        if (!storage.Exists(superblock.OwnershipFileName))
        {
            return false;
        }

        using IStorageFile stored = storage.Open(superblock.OwnershipFileName, StorageOpenMode.Read, StorageCaching.Cached);
        long expectedBytes = HeaderBytes + state.Nodes.Sum(node => sizeof(long) + (WordsOf(node.ExtentCount) * sizeof(ulong)))
            + (state.Tree.Count * LayerBytes) + sizeof(uint);
        if (stored.LengthBytes != expectedBytes || expectedBytes > Array.MaxLength)
        {
            return false;
        }

        // Native, for it is as large as the maps that are made of it, and the heap would keep what it took for it.
        using AlignedBuffer buffer = new((int)expectedBytes);
        Span<byte> file = buffer.Span;
        stored.Read(0, file);
        Span<byte> header = stackalloc byte[HeaderBytes];
        WriteHeader(header, superblock, state.Nodes.Count, state.Tree.Count);
        return file[..HeaderBytes].SequenceEqual(header) && Checksum.IsSealed(file, Magic)
            && TryApply(file[HeaderBytes..^sizeof(uint)], state, extents);
    }

    private static bool TryApply(ReadOnlySpan<byte> parts, MetadataState state, ExtentAllocator extents)
    {
        List<ulong[]> owned = [];
        long ownedCount = 0;
        foreach (NodeRecord node in state.Nodes)
        {
            ulong[] words = MemoryMarshal.Cast<byte, ulong>(parts.Slice(sizeof(long), (int)WordsOf(node.ExtentCount) * sizeof(ulong))).ToArray();
            bool isInRange = (node.ExtentCount & 63) == 0 || words[^1] >> (int)(node.ExtentCount & 63) == 0;
            if (BinaryPrimitives.ReadInt64LittleEndian(parts) != node.ExtentCount || !isInRange)
            {
                return false;
            }

            ownedCount += ExtentMap.CountTaken(words);
            owned.Add(words);
            parts = parts[(sizeof(long) + (words.Length * sizeof(ulong)))..];
        }

        HashSet<Layer> counted = [];
        long layersCount = 0;
        for (ReadOnlySpan<byte> counts = parts; !counts.IsEmpty; counts = counts[LayerBytes..])
        {
            if (state.Tree.Find(BinaryPrimitives.ReadUInt32LittleEndian(counts)) is not { } layer || !counted.Add(layer))
            {
                return false;
            }

            layersCount += BinaryPrimitives.ReadInt64LittleEndian(counts[sizeof(uint)..]);
        }

        if (layersCount != ownedCount)
        {
            return false;
        }

        extents.Restore(owned);
        for (; !parts.IsEmpty; parts = parts[LayerBytes..])
        {
            state.Tree.Find(BinaryPrimitives.ReadUInt32LittleEndian(parts))!.AddOwned(BinaryPrimitives.ReadInt64LittleEndian(parts[sizeof(uint)..]));
        }

        return true;
    }

    private static void WriteHeader(Span<byte> at, Superblock superblock, int nodes, int layers)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(at, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(at[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(at[12..], nodes);
        superblock.PoolId.TryWriteBytes(at[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], superblock.Generation);
        superblock.TableToken.TryWriteBytes(at[40..]);
        BinaryPrimitives.WriteInt64LittleEndian(at[56..], superblock.FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(at[64..], layers);
    }

    private static long WordsOf(long slots) => (slots + 63) >> 6;
}
