using System.Globalization;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>The names of a table's files within its directory.</summary>
internal static class TableFiles
{
    private const string SegmentPrefix = "log.";
    private const string CheckpointSuffix = ".checkpoint";

    /// <summary>The file that the next checkpoint is written to before it gets its name.</summary>
    public const string NextCheckpoint = "next" + CheckpointSuffix;

    /// <summary>Space for the one after that.</summary>
    public const string SpareCheckpoint = "spare" + CheckpointSuffix;

    public static string Segment(int id) => string.Create(CultureInfo.InvariantCulture, $"{SegmentPrefix}{id}");

    public static string Checkpoint(Guid token) => $"{token:N}{CheckpointSuffix}";

    /// <summary>The number of a log segment's file; -1 for any other name.</summary>
    public static int SegmentId(string name) =>
        name.StartsWith(SegmentPrefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(SegmentPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
        && Segment(id) == name
            ? id
            : -1;

    /// <summary>Whether a file is the table's.</summary>
    public static bool IsOwn(string name) =>
        SegmentId(name) >= 0 || IsCheckpoint(name, out _) || name is NextCheckpoint or SpareCheckpoint;

    /// <summary>Whether this is the name of a finished checkpoint, and of which.</summary>
    public static bool IsCheckpoint(string name, out Guid token)
    {
        token = default;
        return name.EndsWith(CheckpointSuffix, StringComparison.Ordinal)
            && Guid.TryParseExact(name.AsSpan(0, name.Length - CheckpointSuffix.Length), "N", out token)
            && Checkpoint(token) == name;
    }
}
