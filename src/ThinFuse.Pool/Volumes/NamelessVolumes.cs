using System.Globalization;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Volumes;

/// <summary>
/// The volumes whose name is gone while handles are open on them, each in a small file of its own, so that a process which takes over from one that died can
/// go on with them. The files survive the death of the process, which is all they are for: nothing of them is durable, and whoever opens the pool
/// otherwise deletes them.
/// </summary>
/// <remarks>The pool's metadata lock guards the files.</remarks>
internal sealed class NamelessVolumes(IStorage storage)
{
    private const string Directory = "nameless";
    private const string Unfinished = ".new";
    private const ulong Magic = 0x454D414E4E494854; // "THINNAME"

    /// <summary>Remembers a volume whose name is about to go, or what changed of it since.</summary>
    public void Keep(VolumeRecord record)
    {
        byte[] content = new byte[EntryWriter.MaxVolumeEntryBytes + sizeof(uint)];
        EntryWriter entry = new(content);
        entry.VolumePut(record);
        Array.Resize(ref content, entry.LengthBytes + sizeof(uint));
        Checksum.Seal(content, Magic);

        storage.CreateDirectory(Directory);
        string path = PathOf(record.Id);
        storage.Delete(path + Unfinished);
        using (IStorageFile file = storage.Open(path + Unfinished, StorageOpenMode.CreateNew, StorageCaching.Cached))
        {
            file.Write(0, content);
        }

        storage.Rename(path + Unfinished, path);
    }

    /// <summary>Its last handle is closed.</summary>
    public void Drop(ulong id) => storage.Delete(PathOf(id));

    /// <summary>Brings back those that are kept: before anything is reclaimed, and once the journal is replayed.</summary>
    public void Restore(MetadataState state)
    {
        foreach (string name in storage.List(Directory))
        {
            string path = $"{Directory}/{name}";
            if (TryRead(path) is { } record && state.Find(record.Id) is null && state.Tree.Find(record.HeadLayer) is { } head)
            {
                state.AddNameless(new Volume(record, head));
            }
            else
            {
                // Its name is still there: the process died before it took it away. Or it died while it wrote this.
                storage.Delete(path);
            }
        }
    }

    /// <summary>Forgets what another process left.</summary>
    public void Clear()
    {
        foreach (string name in storage.List(Directory))
        {
            storage.Delete($"{Directory}/{name}");
        }
    }

    private static string PathOf(ulong id) => string.Create(CultureInfo.InvariantCulture, $"{Directory}/{id}");

    private VolumeRecord? TryRead(string path)
    {
        if (path.EndsWith(Unfinished, StringComparison.Ordinal))
        {
            return null;
        }

        using IStorageFile file = storage.Open(path, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] content = new byte[Math.Min(file.LengthBytes, EntryWriter.MaxEntryBytes)];
        file.Read(0, content);
        if (content.Length <= sizeof(uint) || !Checksum.IsSealed(content, Magic))
        {
            return null;
        }

        EntryReader reader = new(content.AsSpan(..^sizeof(uint)));
        return reader.Kind() == EntryKind.VolumePut ? reader.Volume() : null;
    }
}
