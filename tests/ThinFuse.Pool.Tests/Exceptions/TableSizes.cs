using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool.Tests.Exceptions;

/// <summary>Sizes that tests use, and the directory.</summary>
internal static class TableSizes
{
    internal const string Directory = "/pool/table";

    /// <summary>Everything as small as it goes: 88 records in memory, 44 in a segment.</summary>
    internal static ExceptionTableOptions Tiny { get; } = new()
    {
        MemoryBytes = 32 << 10,
        IndexBytes = 4096,
        SegmentBytes = 16 << 10,
        PageBytes = 4096,
    };

    /// <summary>About 3000 records in memory.</summary>
    internal static ExceptionTableOptions Small { get; } = new()
    {
        MemoryBytes = 1 << 20,
        IndexBytes = 64 << 10,
        SegmentBytes = 256 << 10,
        PageBytes = 16 << 10,
    };
}
