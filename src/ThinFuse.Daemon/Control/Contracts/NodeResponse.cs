using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>One node of a pool.</summary>
/// <param name="Id">Its number in the pool, from 0.</param>
/// <param name="Type">File or block device.</param>
/// <param name="Path">Where it lies, absolute.</param>
/// <param name="StartBytes">Where the pool's address space meets the node's first byte.</param>
/// <param name="SizeBytes">Bytes of extents it holds.</param>
/// <param name="State">How it is.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record NodeResponse(int Id, NodeType Type, string Path, long StartBytes, long SizeBytes, NodeState State);
