using System.CommandLine;
using System.Diagnostics;
using ThinFuse.Benchmarks.CommandLine;
using ThinFuse.Benchmarks.Tools;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Benchmarks.FillTable;

/// <summary><c>fill-table POOL</c>: maps every chunk of a volume without writing any data.</summary>
/// <remarks>
/// The engine claims extents and publishes them as for any write; only the step between, which moves the data, is left out. So the volume shows
/// whatever its extents hold: zeros, where the node is a new sparse file.
/// </remarks>
internal sealed class FillTableCommand : BenchmarkCommand
{
    private readonly Argument<string> _pool = new("POOL") { Description = "A pool that is not mounted, with that many free extents." };
    private readonly Option<string> _volume = new("--volume") { Description = "The volume to make.", DefaultValueFactory = _ => "big" };
    private readonly Option<long> _chunks = new("--chunks") { Description = "Its size in chunks.", Required = true };
    private readonly Option<bool> _crash = new("--crash")
    {
        Description = "End by SIGKILL with the pool open, so that the next opening has to recover.",
    };

    public FillTableCommand()
        : base("fill-table", "Map every chunk of a new volume without writing any data.")
    {
        Add(_pool);
        Add(_volume);
        Add(_chunks);
        Add(_crash);
    }

    protected override int Run(ParseResult parse, CancellationToken cancel)
    {
        using ThinPool pool = ThinPool.Open(parse.GetRequiredValue(_pool));
        long sizeBytes = checked(parse.GetValue(_chunks) * pool.Geometry.ChunkBytes);
        Stopwatch watch = Stopwatch.StartNew();
        VolumeInfo volume = pool.CreateVolume(parse.GetRequiredValue(_volume), sizeBytes);
        using (VolumeHandle handle = pool.Open(volume.Id))
        {
            using TableFiller filler = new(handle);
            filler.Fill(sizeBytes, cancel);
        }

        Console.WriteLine($"mapped {parse.GetValue(_chunks)} chunks in {watch.ElapsedMilliseconds} ms");
        if (parse.GetValue(_crash))
        {
            Console.Out.Flush();
            Signals.Send(Environment.ProcessId, Signals.Kill);
        }

        return 0;
    }
}
