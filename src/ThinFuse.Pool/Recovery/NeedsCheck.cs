using System.Text;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// The mark of a pool that failed to write metadata, or to sync: a file with the reason. While it is there the pool is opened for reading only, since nobody knows
/// what the disk kept of what was not synced; a check that finds the pool sound takes it away.
/// </summary>
internal static class NeedsCheck
{
    /// <summary>Where it is, relative to the pool directory.</summary>
    public const string FileName = "needs-check";

    private const int MaxBytes = 4096;

    /// <summary>Why the pool needs a check, in a line; null when it does not.</summary>
    public static string? Find(IStorage storage)
    {
        if (!storage.Exists(FileName))
        {
            return null;
        }

        using IStorageFile file = storage.Open(FileName, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] reason = new byte[(int)Math.Min(file.LengthBytes, MaxBytes)];
        file.Read(0, reason);
        string text = Encoding.UTF8.GetString(reason).ReplaceLineEndings(" ").Trim('\0', ' ');
        return text.Length == 0 ? "an earlier use of it failed" : text;
    }

    /// <summary>Marks the pool; durable when it returns. The first reason stays.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static void Set(IStorage storage, string reason)
    {
        if (storage.Exists(FileName))
        {
            return;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(reason);
        MetadataImage.WriteFile(storage, FileName, bytes.AsSpan(0, Math.Min(bytes.Length, MaxBytes)));
    }

    /// <summary>Takes the mark away; durable when it returns.</summary>
    public static void Clear(IStorage storage)
    {
        storage.Delete(FileName);
        storage.SyncDirectory(".");
    }
}
