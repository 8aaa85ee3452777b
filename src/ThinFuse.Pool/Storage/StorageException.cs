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
    public bool IsNoSpace => Errno.IsNoSpace(ErrorNumber);

    /// <summary>Whether a place on the disk is bad, and not the disk as a whole.</summary>
    public bool IsMediumError => Errno.IsMediumError(ErrorNumber);

    /// <summary>Whether it was a place on a node that could not be written.</summary>
    public bool IsBadPlace { get; internal set; }

    /// <summary>The extent of that place; -1 when the write was of several, or there is none.</summary>
    internal long BadExtent { get; set; } = -1;

    /// <summary>What was tried.</summary>
    public string Operation { get; } = operation;

    /// <summary>On which file.</summary>
    public string StoragePath { get; } = path;
}
