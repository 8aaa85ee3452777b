using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>The first error of the table's files. It stays: what memory and disk hold may differ from then on.</summary>
internal sealed class TableFault
{
    private StorageException? _error;
    private InvalidDataException? _damage;

    /// <summary>Raised once, by whoever met the error, on any thread.</summary>
    public event Action<StorageException>? Raised;

    public bool IsSet => Volatile.Read(ref _error) is not null;

    /// <summary>What was found damaged, if that is the fault.</summary>
    public InvalidDataException? Damage => Volatile.Read(ref _damage);

    /// <summary>Records an error unless there is one already.</summary>
    public void Set(StorageException error)
    {
        if (Interlocked.CompareExchange(ref _error, error, null) is null)
        {
            Raised?.Invoke(error);
        }
    }

    /// <summary>Records bytes that are not the ones written.</summary>
    public void Set(InvalidDataException damage, string path)
    {
        Interlocked.CompareExchange(ref _damage, damage, null);
        Set(new StorageException(Errno.EIO, "verify", path));
    }

    /// <exception cref="StorageException">There is a fault.</exception>
    public void ThrowIfSet()
    {
        if (Volatile.Read(ref _error) is { } error)
        {
            throw new StorageException(error.ErrorNumber, error.Operation, error.StoragePath);
        }
    }
}
