namespace ThinFuse.Fuse.Transport;

/// <summary>The native memory of one request.</summary>
/// <param name="body">Where the answer's body is built.</param>
/// <param name="data">The page-aligned data area.</param>
internal abstract unsafe class FuseRequestMemory(byte* body, byte* data) : IDisposable
{
    public const int PageBytes = 4096;

    /// <summary>Where the answer's body is built. An answer has a body or data, never both.</summary>
    public byte* Body { get; } = body;

    /// <summary>The data area.</summary>
    public byte* Data { get; } = data;

    /// <summary>Frees the memory, when the request is nobody's any more.</summary>
    public abstract void Dispose();
}
