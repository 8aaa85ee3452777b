using System.CommandLine;
using ThinFuse.Benchmarks.CommandLine;

namespace ThinFuse.Benchmarks;

internal static class Program
{
    private static Task<int> Main(string[] arguments) =>
        new BenchmarkCommandLine().Parse(arguments).InvokeAsync(new InvocationConfiguration
        {
            // Cleaning up after Ctrl-C unmounts and waits for servers to end.
            ProcessTerminationTimeout = TimeSpan.FromMinutes(2),
        });
}
