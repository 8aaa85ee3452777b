using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Origins;

/// <summary>Finds external origins on the host, and holds them against what is known of them.</summary>
internal sealed class OriginFactory(IStorage storage)
{
    /// <summary>Opens a file or block device that is to become an origin.</summary>
    /// <returns>Its record, without id and limit, and the file, which is the caller's.</returns>
    /// <exception cref="PoolException">Usage: the path is not absolute, or names nothing that can be read.</exception>
    public (OriginRecord Record, IStorageFile File) Identify(string path)
    {
        if (!System.IO.Path.IsPathRooted(path))
        {
            throw new PoolException(PoolErrorKind.Usage, $"'{path}' is no absolute path; name the origin by one");
        }

        IStorageFile file = Open(path);
        try
        {
            return (new OriginRecord(0, file.Path, file.LengthBytes, file.ModifiedAtTicks, 0, HydrationState.Off, 0, 0), file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens what a record names. What is not there, or is not what it was, comes back as an origin that cannot be read, and says why.</summary>
    public ExternalOrigin Find(OriginRecord record)
    {
        IStorageFile? file = null;
        try
        {
            file = storage.Open(record.Path, StorageOpenMode.Read, StorageCaching.Direct);
            if (DifferenceOf(record, file) is not { } difference)
            {
                return new ExternalOrigin(record, file, null);
            }

            file.Dispose();
            return new ExternalOrigin(record, null, $"{record.Path} is not the origin it was: {difference}");
        }
        catch (StorageException e)
        {
            file?.Dispose();
            return new ExternalOrigin(record, null, e.Message);
        }
    }

    /// <summary>What tells a file from the one that a record is about; null for nothing.</summary>
    public static string? DifferenceOf(OriginRecord record, IStorageFile file)
    {
        if (file.LengthBytes != record.SizeBytes)
        {
            return $"it has {file.LengthBytes} bytes instead of {record.SizeBytes}";
        }

        // A block device tells no time of change: its size is all there is.
        return record.ModifiedAtTicks != 0 && !file.IsBlockDevice && file.ModifiedAtTicks != record.ModifiedAtTicks
            ? $"it was changed at {new DateTime(file.ModifiedAtTicks, DateTimeKind.Utc):yyyy-MM-dd HH:mm:ss.fff} UTC" : null;
    }

    private IStorageFile Open(string path)
    {
        try
        {
            return storage.Open(path, StorageOpenMode.Read, StorageCaching.Direct);
        }
        catch (StorageException e)
        {
            throw new PoolException(
                e.ErrorNumber == Errno.ENOENT ? PoolErrorKind.NotFound : PoolErrorKind.Usage, $"the origin cannot be read: {e.Message}", e);
        }
    }
}
