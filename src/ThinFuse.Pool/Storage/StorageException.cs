namespace ThinFuse.Pool.Storage;

/// <summary>The operating system refused an I/O.</summary>
/// <param name="errno">Positive Linux errno.</param>
/// <param name="operation">What was tried, such as <c>write</c>.</param>
/// <param name="path">On which file.</param>
public sealed class StorageException(int errno, string operation, string path)
    : IOException($"{operation} {path}: {Errno.Describe(errno)}")
{
    /// <summary>Positive Linux errno.</summary>
    public int ErrorNumber { get; } = errno;

    /// <summary>Whether there was no space, or none left of a quota.</summary>
    public bool IsNoSpace => ErrorNumber is Errno.ENOSPC or Errno.EDQUOT;

    /// <summary>What was tried.</summary>
    public string Operation { get; } = operation;

    /// <summary>On which file.</summary>
    public string StoragePath { get; } = path;
}
