using System.Globalization;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>What fio is to do: O_DIRECT on files that exist.</summary>
internal sealed record FioJob
{
    /// <summary>File or block device.</summary>
    public required string File { get; init; }

    /// <summary>More of them, for jobs of their own that do the same at the same time.</summary>
    public IReadOnlyList<string> OtherFiles { get; init; } = [];

    /// <summary>fio's rw: read, write, randread, randwrite.</summary>
    public required string Pattern { get; init; }

    /// <summary>How much of the file is used.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Bytes of one operation.</summary>
    public int BlockBytes { get; init; } = 4096;

    /// <summary>Operations under way at once; 1 is synchronous.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Writers or readers.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Whether each write is followed by fsync.</summary>
    public bool Fsync { get; init; }

    /// <summary>How long; 0 for once over the file, or <see cref="Operations"/>.</summary>
    public double RuntimeSeconds { get; init; }

    /// <summary>How many operations; 0 for as many as there are.</summary>
    public long Operations { get; init; }

    /// <summary>What random offsets follow from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Whether random blocks may repeat before all were met, which saves fio a map of them.</summary>
    public bool KeepsNoMap { get; init; }

    /// <summary>fio's command line.</summary>
    public IEnumerable<string> Arguments()
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        yield return $"--rw={Pattern}";
        yield return $"--bs={BlockBytes}";
        yield return $"--size={SizeBytes}";
        yield return $"--randseed={Seed}";
        yield return $"--numjobs={Jobs}";
        yield return "--direct=1";
        yield return Depth > 1 ? "--ioengine=libaio" : "--ioengine=psync";
        yield return $"--iodepth={Depth}";
        yield return "--allow_file_create=0";
        yield return "--fallocate=none";
        yield return "--group_reporting";
        yield return "--thread";
        yield return "--output-format=json";
        if (Fsync)
        {
            yield return "--fsync=1";
        }

        if (KeepsNoMap)
        {
            yield return "--norandommap";
        }

        if (RuntimeSeconds > 0)
        {
            yield return "--time_based";
            yield return $"--runtime={((long)(RuntimeSeconds * 1000)).ToString(plain)}ms";
        }

        if (Operations > 0)
        {
            yield return $"--number_ios={Operations}";
        }

        // What stands before the first name goes for all jobs.
        foreach (string file in (string[])[File, .. OtherFiles])
        {
            yield return "--name=bench";
            yield return $"--filename={file}";
        }
    }

    /// <summary>Runs it.</summary>
    public FioResult Run(CancellationToken cancel) => FioResult.Parse(Shell.Run(cancel, "fio", Arguments()));
}
