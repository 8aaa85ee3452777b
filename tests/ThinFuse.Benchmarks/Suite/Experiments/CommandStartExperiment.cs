using System.Diagnostics;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>How long the command line takes to start and to say what it can.</summary>
internal sealed class CommandStartExperiment() : Experiment("command-start")
{
    private const int Starts = 10;

    /// <inheritdoc/>
    public override void Run(ExperimentContext context, Recorder recorder)
    {
        Shell.Run(context.Cancel, context.Options.ThinFuseProgram, "--help");
        List<double> tookMs = [];
        for (int i = 0; i < Starts; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            Shell.Run(context.Cancel, context.Options.ThinFuseProgram, "--help");
            tookMs.Add(watch.Elapsed.TotalMilliseconds);
        }

        recorder.Add(Id, "--help", "ms", context.Subject, Samples.Median(tookMs));
    }
}
