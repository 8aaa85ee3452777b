using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>What holds for every exception by itself.</summary>
internal static class ExceptionRules
{
    /// <summary>The rule that an exception breaks, in words; null when it breaks none.</summary>
    public static string? Broken(in ChunkException exception, Geometry geometry) =>
        (exception.DecidedBlocks & ~geometry.AllBlocks) != 0 ? "blocks lie beyond the chunk"
        : exception.HasExtent != (exception.PresentBlocks != 0) ? "there is an extent without blocks, or there are blocks without one"
        : null;
}
