using ThinFuse.Fuse.Transfers;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Daemon.Files.Steps;

/// <summary>Turns the pieces that the engine mapped into a plan for the transport.</summary>
internal static class TransferPlanning
{
    /// <summary>Fills an empty plan.</summary>
    /// <returns>False when a file has no descriptor; then the engine moves the data itself.</returns>
    public static bool TryFill(FuseTransferPlan plan, ReadOnlySpan<Segment> segments)
    {
        foreach (ref readonly Segment segment in segments)
        {
            if (segment.File is not { } file)
            {
                plan.AddZeros(segment.BufferOffsetBytes, segment.LengthBytes);
            }
            else if (file.Descriptor >= 0)
            {
                plan.Add(
                    file.Descriptor, segment.FileOffsetBytes, segment.BufferOffsetBytes, segment.LengthBytes, IsDirect(file),
                    mustBeWhole: segment.Node is not null, mayHoldUp: file.IsRemote);
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A file in the page cache takes any alignment.</summary>
    private static bool IsDirect(DataFile file) => file.AlignmentBytes > 1;
}
