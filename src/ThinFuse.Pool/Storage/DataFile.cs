namespace ThinFuse.Pool.Storage;

/// <summary>An open file or block device that volumes' bytes are read from. Thread-safe.</summary>
public abstract class DataFile
{
    /// <summary>The path it is open at.</summary>
    public abstract string Path { get; }

    /// <summary>File descriptor for data I/O; -1 on a simulated disk.</summary>
    public abstract int Descriptor { get; }

    /// <summary>Unit of offsets, lengths and buffer addresses, bytes; 1 when it goes through the page cache.</summary>
    public abstract int AlignmentBytes { get; }

    /// <summary>Whether another program or machine serves it: then it may not answer even who asks it not to wait.</summary>
    public virtual bool IsRemote => false;

    /// <summary>Fills the buffer; aligned. Bytes past the end of a file are zero.</summary>
    /// <exception cref="StorageException">The host refused.</exception>
    public abstract void Read(long offsetBytes, Span<byte> buffer);

    /// <summary>Says that an I/O on its descriptor, which others have done, has failed.</summary>
    /// <param name="operation">What failed, such as write.</param>
    /// <param name="errno">Positive Linux errno.</param>
    public virtual void NoteFault(string operation, int errno)
    {
    }
}
