namespace ThinFuse.Benchmarks.Suite;

/// <summary>What subjects and workloads know of the run they are part of.</summary>
/// <param name="Options">What was asked for.</param>
/// <param name="Cancel">Set by Ctrl-C.</param>
internal sealed record SuiteContext(SuiteOptions Options, CancellationToken Cancel)
{
    private const long Mebibyte = 1 << 20;

    /// <summary>For what is written while many snapshots are taken: each block then takes a chunk of its own.</summary>
    private const long SnapshotRoomBytes = 1 << 30;

    /// <summary>Where files and mounts are.</summary>
    public string WorkDirectory => Options.WorkDirectory;

    /// <summary>The command line program that is measured.</summary>
    public string ThinFuseProgram => Options.ThinFuseProgram;

    /// <summary>What a pool or filesystem needs for a volume of this size that was written twice, with a snapshot in between.</summary>
    public static long PoolBytes(long volumeBytes) => (volumeBytes * 9 / 4 / Mebibyte * Mebibyte) + SnapshotRoomBytes;
}
