using Microsoft.Win32.SafeHandles;

namespace ThinFuse.FaultyDisk;

/// <summary>The file behind the disk, and what of it is bad. Thread-safe.</summary>
internal sealed class ServedDisk(string path, FaultFile faults) : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    public long SizeBytes => RandomAccess.GetLength(_file);

    /// <summary>Reads all of the buffer; returns the errno.</summary>
    public int Read(long offsetBytes, Span<byte> buffer)
    {
        int errno = faults.ErrnoOf("read", offsetBytes, buffer.Length);
        if (errno == 0)
        {
            buffer[RandomAccess.Read(_file, buffer, offsetBytes)..].Clear();
        }

        return errno;
    }

    /// <summary>Writes all of the buffer; returns the errno.</summary>
    public int Write(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        int errno = faults.ErrnoOf("write", offsetBytes, buffer.Length);
        if (errno == 0)
        {
            RandomAccess.Write(_file, buffer, offsetBytes);
        }

        return errno;
    }

    public int Flush() => faults.ErrnoOfFlush();

    public void Resize(long sizeBytes) => RandomAccess.SetLength(_file, sizeBytes);

    public void Dispose() => _file.Dispose();
}
