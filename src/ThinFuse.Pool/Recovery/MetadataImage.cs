using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Everything but exceptions and data at one journal position: nodes, layers with the groups they may hold, volumes. A sealed file of entries,
/// written once and never changed. Which extents are free is not in it: that follows from the exceptions.
/// </summary>
/// <remarks>
/// It begins with the superblock that names it: so it is never taken for that of another moment or pool, and the pool can be found without its superblock.
/// </remarks>
internal static class MetadataImage
{
    private const ulong Magic = 0x474D494E4E494854; // "THINIMG"
    private const int HeaderBytes = 32;

    /// <summary>Serialises the state; the metadata lock and all pending shards are held, so that it matches a journal position.</summary>
    public static byte[] Capture(MetadataState state)
    {
        using MemoryStream stream = new();
        Span<byte> header = stackalloc byte[HeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], state.NextVolumeId);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], state.NextLayerId);
        stream.Write(header);
        WriteSection(stream, Entries(state));
        WriteGroups(stream, state.Tree);
        return stream.ToArray();
    }

    /// <summary>Writes what was captured to the image file that a superblock names. Durable when it returns.</summary>
    public static void Write(IStorage storage, Superblock superblock, ReadOnlySpan<byte> captured)
    {
        byte[] image = [.. superblock.Format(), .. captured, .. stackalloc byte[sizeof(uint)]];
        Checksum.Seal(image, Magic);
        WriteFile(storage, superblock.ImageFileName, image);
    }

    /// <summary>Writes a file whole, replacing a left-over of the same name. Durable when it returns.</summary>
    public static void WriteFile(IStorage storage, string fileName, ReadOnlySpan<byte> content)
    {
        storage.Delete(fileName);
        using (IStorageFile file = storage.Open(fileName, StorageOpenMode.CreateNew, StorageCaching.Cached))
        {
            file.Write(0, content);
            file.Flush();
        }

        storage.SyncDirectory(".");
    }

    /// <summary>Reads the image that a superblock names.</summary>
    /// <exception cref="PoolException">Damaged.</exception>
    public static MetadataState Read(IStorage storage, Superblock superblock)
    {
        string fileName = superblock.ImageFileName;
        try
        {
            byte[] image = Load(storage, fileName);
            return SuperblockIn(image) == superblock
                ? Parse(image.AsSpan(Superblock.SlotBytes))
                : throw new InvalidDataException("it belongs to another moment or another pool");
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException or StorageException { ErrorNumber: Errno.ENOENT })
        {
            throw new PoolException(PoolErrorKind.Damaged, $"the pool's metadata ({fileName}) is damaged: {e.Message}", e);
        }
    }

    /// <summary>The superblock that an image was written for; null when the image is not what was written.</summary>
    public static Superblock? SuperblockOf(IStorage storage, string fileName)
    {
        try
        {
            return SuperblockIn(Load(storage, fileName));
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            return null;
        }
    }

    private static byte[] Load(IStorage storage, string fileName)
    {
        using IStorageFile file = storage.Open(fileName, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] image = new byte[checked((int)file.LengthBytes)];
        file.Read(0, image);
        return image.Length >= Superblock.SlotBytes + HeaderBytes + sizeof(uint) && Checksum.IsSealed(image, Magic)
            ? image
            : throw new InvalidDataException("its checksum is wrong");
    }

    private static Superblock? SuperblockIn(ReadOnlySpan<byte> image) => Superblock.Parse(image[..Superblock.SlotBytes]);

    private static MetadataState Parse(ReadOnlySpan<byte> image)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(image) != Magic)
        {
            throw new InvalidDataException("its header is no image's");
        }

        MetadataState state = new();
        ReadOnlySpan<byte> rest = image[HeaderBytes..^sizeof(uint)];
        state.Apply(ReadSection(ref rest));
        ReadGroups(ReadSection(ref rest), state.Tree);
        state.NextVolumeId = BinaryPrimitives.ReadUInt64LittleEndian(image[8..]);
        state.NextLayerId = BinaryPrimitives.ReadUInt32LittleEndian(image[16..]);
        return state;
    }

    private static byte[] Entries(MetadataState state) => ListEntries(state).ToArray();

    /// <summary>All there is but exceptions: each entry is one write to the list, in an order in which they can be applied.</summary>
    public static EntryList ListEntries(MetadataState state)
    {
        EntryList stream = new();
        byte[] buffer = new byte[EntryWriter.MaxEntryBytes + EntryWriter.LayerEntryBytes];
        foreach (NodeRecord node in state.Nodes)
        {
            EntryWriter entry = new(buffer);
            entry.NodePut(node);
            stream.Write(entry.Written);
        }

        EntryWriter poolSettings = new(buffer);
        poolSettings.SettingsPut(state.Settings);
        stream.Write(poolSettings.Written);
        Stack<Layer> open = new(state.Tree.Layers.Where(layer => layer.Parent is null));
        while (open.TryPop(out Layer? layer))
        {
            EntryWriter entry = new(buffer);
            entry.LayerPut(layer.Record);
            if (layer.Origin is { } origin)
            {
                entry.OriginPut(layer.Id, origin);
            }

            stream.Write(entry.Written);
            layer.Children.ForEach(open.Push);
        }

        foreach (Volume volume in state.Volumes)
        {
            EntryWriter entry = new(buffer);
            entry.VolumePut(volume.Record with { ModifiedAtTicks = volume.ModifiedAtTicks });
            stream.Write(entry.Written);
            if (volume.Generation != Guid.Empty)
            {
                EntryWriter generation = new(buffer);
                generation.GenerationPut(volume.Id, volume.Generation);
                stream.Write(generation.Written);
            }

            WritePromise(stream, volume, buffer);
            if (volume.Flatten is { } settings)
            {
                EntryWriter flatten = new(buffer);
                flatten.FlattenPut(volume.Id, settings);
                stream.Write(flatten.Written);
            }

            foreach ((string name, long sinceTicks) in volume.Holds)
            {
                EntryWriter hold = new(buffer);
                hold.HoldPut(volume.Id, name, sinceTicks);
                stream.Write(hold.Written);
            }
        }

        foreach (long extent in state.Retired)
        {
            EntryWriter entry = new(buffer);
            entry.RetiredPut(extent);
            stream.Write(entry.Written);
        }

        foreach ((ulong volume, Guid contentId) in state.Transfers.ContentIds)
        {
            EntryWriter entry = new(buffer);
            entry.ContentIdPut(volume, contentId);
            stream.Write(entry.Written);
        }

        foreach (ReceiveRecord receive in state.Transfers.Receives)
        {
            EntryWriter entry = new(buffer);
            entry.ReceivePut(receive);
            stream.Write(entry.Written);
        }

        return stream;
    }

    private static void WritePromise(EntryList stream, Volume volume, Span<byte> buffer)
    {
        if (volume.Promise.Policy != ReservePolicy.None)
        {
            EntryWriter entry = new(buffer);
            entry.ReservePut(volume.Id, volume.Promise.Policy);
            stream.Write(entry.Written);
        }

        foreach (ChunkRange range in volume.Promise.Provisioned.Ranges)
        {
            EntryWriter entry = new(buffer);
            entry.ProvisionSet(volume.Id, range);
            stream.Write(entry.Written);
        }
    }

    private static void WriteGroups(MemoryStream stream, LayerTree tree)
    {
        using MemoryStream section = new();
        Span<byte> header = stackalloc byte[sizeof(uint) + sizeof(long)];
        foreach (Layer layer in tree.Layers)
        {
            foreach ((long number, ulong[] words) in layer.Groups.CopyPages())
            {
                BinaryPrimitives.WriteUInt32LittleEndian(header, layer.Id);
                BinaryPrimitives.WriteInt64LittleEndian(header[sizeof(uint)..], number);
                section.Write(header);
                section.Write(MemoryMarshal.AsBytes(words.AsSpan()));
            }
        }

        WriteSection(stream, section.ToArray());
    }

    private static void ReadGroups(ReadOnlySpan<byte> section, LayerTree tree)
    {
        int pageBytes = GroupSet.WordsPerPage * sizeof(ulong);
        EntryReader reader = new(section);
        while (!reader.IsAtEnd)
        {
            Layer? layer = tree.Find(reader.UInt32());
            long number = reader.Int64();
            ulong[] words = MemoryMarshal.Cast<byte, ulong>(reader.Bytes(pageBytes)).ToArray();
            layer?.Groups.AddPage(number, words);
        }
    }

    private static void WriteSection(MemoryStream stream, ReadOnlySpan<byte> section)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, section.Length);
        stream.Write(length);
        stream.Write(section);
    }

    private static ReadOnlySpan<byte> ReadSection(scoped ref ReadOnlySpan<byte> rest)
    {
        EntryReader reader = new(rest);
        long lengthBytes = reader.Int64();
        if (lengthBytes < 0 || lengthBytes > rest.Length - sizeof(long))
        {
            throw new InvalidDataException("a section is longer than the file");
        }

        ReadOnlySpan<byte> section = rest.Slice(sizeof(long), (int)lengthBytes);
        rest = rest[(sizeof(long) + (int)lengthBytes)..];
        return section;
    }
}
