using System.CommandLine;
using ThinFuse.Benchmarks.FillTable;
using ThinFuse.Benchmarks.Micro;
using ThinFuse.Benchmarks.Passthrough;
using ThinFuse.Benchmarks.Suite;

namespace ThinFuse.Benchmarks.CommandLine;

/// <summary>All commands of this program.</summary>
internal sealed class BenchmarkCommandLine : RootCommand
{
    public BenchmarkCommandLine()
        : base("Measures ThinFuse.")
    {
        Add(new SuiteCommand());
        Add(new PassthroughCommand());
        Add(new FillTableCommand());
        Add(new OpenCommand());
        Add(new MicroCommand());
    }
}
