using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ThinFuse.Benchmarks.CommandLine;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Benchmarks.FillTable;

/// <summary><c>open POOL</c>: how long it takes from the start of recovery to the first read.</summary>
internal sealed class OpenCommand : BenchmarkCommand
{
    private const int BlockBytes = 4096;

    private readonly Argument<string> _pool = new("POOL") { Description = "A pool that is not mounted." };
    private readonly Option<string> _volume = new("--volume") { Description = "Which volume to read.", DefaultValueFactory = _ => "big" };
    private readonly Option<string> _warmUp = new("--warm-up")
    {
        Description = "Another pool with a volume of that name, opened first, so that compiling the code is not measured.",
        Required = true,
    };

    public OpenCommand()
        : base("open", "Measure opening a pool: prints the milliseconds from the start of recovery to the end of the first read.")
    {
        Add(_pool);
        Add(_volume);
        Add(_warmUp);
    }

    protected override int Run(ParseResult parse, CancellationToken cancel)
    {
        string volume = parse.GetRequiredValue(_volume);
        Measure(parse.GetRequiredValue(_warmUp), volume);
        double tookMs = Measure(parse.GetRequiredValue(_pool), volume);
        Console.WriteLine(tookMs.ToString("0.0", CultureInfo.InvariantCulture));
        return 0;
    }

    private static double Measure(string path, string name)
    {
        byte[] block = new byte[BlockBytes];
        Stopwatch watch = Stopwatch.StartNew();
        using ThinPool pool = ThinPool.Open(path);
        VolumeInfo volume = pool.Find(name) ?? throw new IOException($"{path} has no volume {name}");
        using VolumeHandle handle = pool.Open(volume.Id);
        handle.Read(volume.SizeBytes / 2, block);
        return watch.Elapsed.TotalMilliseconds;
    }
}
