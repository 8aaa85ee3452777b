using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Everything but exceptions and data at one journal position: nodes, layers with the groups they may hold, volumes. A sealed file of entries,
/// written once and never changed. Which extents are free is not in it: that follows from the exceptions.
/// </summary>
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
        stream.Write(stackalloc byte[sizeof(uint)]);
        byte[] image = stream.ToArray();
        Checksum.Seal(image, Magic);
        return image;
    }

    /// <summary>Writes an image file, replacing a left-over of the same name. Durable when it returns.</summary>
    public static void Write(IStorage storage, string fileName, ReadOnlySpan<byte> image)
    {
        storage.Delete(fileName);
        using (IStorageFile file = storage.Open(fileName, StorageOpenMode.CreateNew, StorageCaching.Cached))
        {
            file.Write(0, image);
            file.Flush();
        }

        storage.SyncDirectory(".");
    }

    /// <summary>Reads an image back.</summary>
    /// <exception cref="PoolException">Damaged.</exception>
    public static MetadataState Read(IStorage storage, string fileName)
    {
        try
        {
            using IStorageFile file = storage.Open(fileName, StorageOpenMode.Read, StorageCaching.Cached);
            byte[] image = new byte[checked((int)file.LengthBytes)];
            file.Read(0, image);
            return Parse(image);
        }
        catch (Exception e) when (e is InvalidDataException or StorageException { ErrorNumber: Errno.ENOENT })
        {
            throw new PoolException(PoolErrorKind.Damaged, $"the pool's metadata ({fileName}) is damaged: {e.Message}", e);
        }
    }

    private static MetadataState Parse(ReadOnlySpan<byte> image)
    {
        if (image.Length < HeaderBytes + sizeof(uint) || BinaryPrimitives.ReadUInt64LittleEndian(image) != Magic || !Checksum.IsSealed(image, Magic))
        {
            throw new InvalidDataException("its checksum is wrong");
        }

        MetadataState state = new();
        ReadOnlySpan<byte> rest = image[HeaderBytes..^sizeof(uint)];
        state.Apply(ReadSection(ref rest));
        ReadGroups(ReadSection(ref rest), state.Tree);
        state.NextVolumeId = BinaryPrimitives.ReadUInt64LittleEndian(image[8..]);
        state.NextLayerId = BinaryPrimitives.ReadUInt32LittleEndian(image[16..]);
        return state;
    }

    private static byte[] Entries(MetadataState state)
    {
        using MemoryStream stream = new();
        byte[] buffer = new byte[EntryWriter.MaxEntryBytes];
        foreach (NodeRecord node in state.Nodes)
        {
            EntryWriter entry = new(buffer);
            entry.NodePut(node);
            stream.Write(entry.Written);
        }

        EntryWriter settings = new(buffer);
        settings.SettingsPut(state.Settings);
        stream.Write(settings.Written);
        Stack<Layer> open = new(state.Tree.Layers.Where(layer => layer.Parent is null));
        while (open.TryPop(out Layer? layer))
        {
            EntryWriter entry = new(buffer);
            entry.LayerPut(layer.Record);
            stream.Write(entry.Written);
            layer.Children.ForEach(open.Push);
        }

        foreach (Volume volume in state.Volumes)
        {
            EntryWriter entry = new(buffer);
            entry.VolumePut(volume.Record with { ModifiedAtTicks = volume.ModifiedAtTicks });
            if (volume.Generation != Guid.Empty)
            {
                entry.GenerationPut(volume.Id, volume.Generation);
            }

            stream.Write(entry.Written);
            foreach ((string name, long sinceTicks) in volume.Holds)
            {
                EntryWriter hold = new(buffer);
                hold.HoldPut(volume.Id, name, sinceTicks);
                stream.Write(hold.Written);
            }
        }

        return stream.ToArray();
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
