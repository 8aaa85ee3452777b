using System.Diagnostics;
using ThinFuse.Cli.Errors;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Native;

/// <summary>Runs a system tool to its end.</summary>
internal static class ProcessRunner
{
    /// <summary>Runs a tool with the C locale and without input.</summary>
    /// <exception cref="CommandFailure">NotFound: the tool is not installed.</exception>
    public static async Task<ProcessOutcome> RunAsync(string tool, string package, IEnumerable<string> arguments, CancellationToken cancel)
    {
        ProcessStartInfo start = new(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using Process process = Start(start, package);
        process.StandardInput.Close();
        Task<string> stdout = process.StandardOutput.ReadToEndAsync(cancel);
        Task<string> stderr = process.StandardError.ReadToEndAsync(cancel);
        await Task.WhenAll(stdout, stderr, process.WaitForExitAsync(cancel)).ConfigureAwait(false);
        return new ProcessOutcome(
            process.ExitCode, (await stdout.ConfigureAwait(false)).Trim(), (await stderr.ConfigureAwait(false)).Trim());
    }

    private static Process Start(ProcessStartInfo start, string package)
    {
        string tool = start.FileName;
        start.FileName = Locate(tool) ?? throw new CommandFailure(
            ControlErrorKind.NotFound, $"the tool {tool} is not installed; install the package {package}");
        return Process.Start(start) ?? throw new CommandFailure(ControlErrorKind.Failed, $"{tool} did not start");
    }

    // A user's PATH often lacks the directories where such tools live.
    private static string? Locate(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/usr/bin", "/sbin", "/bin"])
            .Select(directory => Path.Combine(directory, tool))
            .FirstOrDefault(File.Exists);
}
