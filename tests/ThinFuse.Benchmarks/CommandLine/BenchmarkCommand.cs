using System.CommandLine;

namespace ThinFuse.Benchmarks.CommandLine;

/// <summary>A command of this program: what it throws becomes one line on stderr and exit code 1.</summary>
internal abstract class BenchmarkCommand : Command
{
    /// <summary>What a shell reports for a command that Ctrl-C ended.</summary>
    private const int Interrupted = 130;

    protected BenchmarkCommand(string name, string description)
        : base(name, description) => SetAction(RunAsync);

    /// <summary>Does the work, on a thread of its own. Cancelled by Ctrl-C and SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    protected abstract int Run(ParseResult parse, CancellationToken cancel);

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        try
        {
            return await Task.Factory.StartNew(
                () => Run(parse, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("interrupted").ConfigureAwait(false);
            return Interrupted;
        }
        catch (Exception e)
        {
            string trace = Environment.GetEnvironmentVariable("THINFUSE_BENCH_TRACE") is null ? e.Message : e.ToString();
            await Console.Error.WriteLineAsync($"thinfuse-bench {Name}: {trace}").ConfigureAwait(false);
            return 1;
        }
    }
}
