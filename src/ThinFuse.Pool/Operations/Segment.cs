using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Operations;

/// <summary>A piece of a request: bytes of its buffer against bytes of a file, or a run of zeros.</summary>
/// <param name="File">The node, or the external origin (reads only); null for zeros (reads only).</param>
/// <param name="FileOffsetBytes">Where in the file.</param>
/// <param name="BufferOffsetBytes">Where in the request's buffer.</param>
/// <param name="LengthBytes">How much.</param>
public readonly record struct Segment(DataFile? File, long FileOffsetBytes, int BufferOffsetBytes, int LengthBytes)
{
    /// <summary>The node, which every piece of a write has.</summary>
    public Node? Node => File as Node;
}
