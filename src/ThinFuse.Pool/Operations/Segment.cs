using ThinFuse.Pool.Nodes;

namespace ThinFuse.Pool.Operations;

/// <summary>A piece of a request: bytes of its buffer against bytes of a node, or a run of zeros.</summary>
/// <param name="Node">The node; null for zeros (reads only).</param>
/// <param name="NodeOffsetBytes">Where on the node.</param>
/// <param name="BufferOffsetBytes">Where in the request's buffer.</param>
/// <param name="LengthBytes">How much.</param>
public readonly record struct Segment(Node? Node, long NodeOffsetBytes, int BufferOffsetBytes, int LengthBytes);
