using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using ThinFuse.Benchmarks.CommandLine;

namespace ThinFuse.Benchmarks.Micro;

/// <summary><c>micro [FILTER]</c>: BenchmarkDotNet on the steps of a request, to find where time goes.</summary>
internal sealed class MicroCommand : BenchmarkCommand
{
    private const int Warmups = 3;
    private const int Iterations = 8;
    private const int IterationMs = 200;

    private readonly Argument<string[]> _filters = new("FILTER")
    {
        Description = "Which, as BenchmarkDotNet's --filter: *Map*, *Journal*; default: all.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public MicroCommand()
        : base("micro", "Measure the steps of a request on their own.")
    {
        Add(_filters);
    }

    protected override int Run(ParseResult parse, CancellationToken cancel)
    {
        string[] filters = parse.GetValue(_filters) is { Length: > 0 } given ? given : ["*"];
        string artifacts = Directory.CreateTempSubdirectory("thinfuse-micro-").FullName;
        IConfig config = ManualConfig.CreateEmpty()
            .AddLogger(ConsoleLogger.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(artifacts)

            // In this process: another one would be built from source, which needs more than the machine that runs this may have.
            .AddJob(Job.Default
                .WithToolchain(InProcessNoEmitToolchain.Instance)
                .WithWarmupCount(Warmups)
                .WithIterationCount(Iterations)
                .WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(IterationMs)));
        try
        {
            Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(["--filter", .. filters], config)];
            return summaries.Length != 0 && summaries.All(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(artifacts, recursive: true);
        }
    }
}
