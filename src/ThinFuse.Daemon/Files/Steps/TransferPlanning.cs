using ThinFuse.Fuse.Transfers;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;

namespace ThinFuse.Daemon.Files.Steps;

/// <summary>Turns the pieces that the engine mapped into a plan for the transport.</summary>
internal static class TransferPlanning
{
    /// <summary>Fills an empty plan.</summary>
    /// <returns>False when a node has no descriptor; then the engine moves the data itself.</returns>
    public static bool TryFill(FuseTransferPlan plan, ReadOnlySpan<Segment> segments)
    {
        foreach (ref readonly Segment segment in segments)
        {
            if (segment.Node is not { } node)
            {
                plan.AddZeros(segment.BufferOffsetBytes, segment.LengthBytes);
            }
            else if (node.Descriptor >= 0)
            {
                plan.Add(node.Descriptor, segment.NodeOffsetBytes, segment.BufferOffsetBytes, segment.LengthBytes, IsDirect(node));
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A node in the page cache takes any alignment.</summary>
    private static bool IsDirect(Node node) => node.AlignmentBytes > 1;
}
