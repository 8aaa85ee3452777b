using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>What an experiment works with.</summary>
/// <param name="Suite">The run.</param>
/// <param name="Transport">How requests reach the daemon.</param>
/// <param name="Home">The experiment's directory.</param>
internal sealed record ExperimentContext(SuiteContext Suite, string Transport, string Home)
{
    /// <summary>The column that numbers go to.</summary>
    public string Subject => $"thinfuse-{Transport}";

    public SuiteOptions Options => Suite.Options;

    public CancellationToken Cancel => Suite.Cancel;

    /// <summary>Prepares a pool; nothing is made yet.</summary>
    public ThinFuseServer NewServer(string name) => new(Suite, Transport, Path.Combine(Home, name));

    /// <summary>Writes a file from end to end.</summary>
    public void Fill(string file, long sizeBytes) =>
        new FioJob { File = file, Pattern = "write", SizeBytes = sizeBytes, BlockBytes = 1 << 20, Depth = 8 }.Run(Cancel);

    /// <summary>Runs a command of this program.</summary>
    public (int Code, string Output, string Error) Self(params IEnumerable<string> arguments) =>
        Shell.TryRun(Cancel, Environment.ProcessPath!, arguments);
}
