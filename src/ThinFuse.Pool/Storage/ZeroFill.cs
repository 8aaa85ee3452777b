namespace ThinFuse.Pool.Storage;

/// <summary>Writes zeros into a file.</summary>
internal static class ZeroFill
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Writes zeros over a range that is aligned for the file.</summary>
    /// <exception cref="StorageException">The file refused; any part of the range may be written.</exception>
    public static void Write(IStorageFile file, long offsetBytes, long lengthBytes)
    {
        using AlignedBuffer zeros = new((int)Math.Min(lengthBytes, PieceBytes));
        zeros.Span.Clear();
        for (long done = 0; done < lengthBytes; done += zeros.LengthBytes)
        {
            file.Write(offsetBytes + done, zeros.Span[..(int)Math.Min(zeros.LengthBytes, lengthBytes - done)]);
        }
    }
}
