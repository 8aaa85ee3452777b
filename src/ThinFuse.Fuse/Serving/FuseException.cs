using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Serving;

/// <summary>Thrown in a handler to answer the request with an errno; thrown by this library when the kernel refuses a call.</summary>
/// <param name="errno">Positive Linux errno.</param>
/// <param name="message">What went wrong, for the log.</param>
public sealed class FuseException(int errno, string message) : IOException(message)
{
    /// <summary>Makes one whose message is the system's words for the errno.</summary>
    /// <param name="errno">Positive Linux errno.</param>
    public FuseException(int errno)
        : this(errno, FuseErrno.Describe(errno))
    {
    }

    /// <summary>Positive Linux errno.</summary>
    public int ErrorNumber { get; } = errno;
}
