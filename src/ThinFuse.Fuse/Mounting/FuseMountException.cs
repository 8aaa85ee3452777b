namespace ThinFuse.Fuse.Mounting;

/// <summary>A file system could not be mounted or unmounted. The message is one line, fit to be shown to a user.</summary>
/// <param name="errno">Positive Linux errno; EIO where a helper gave none.</param>
/// <param name="message">What failed and why.</param>
public sealed class FuseMountException(int errno, string message) : IOException(message)
{
    /// <summary>Positive Linux errno.</summary>
    public int ErrorNumber { get; } = errno;
}
