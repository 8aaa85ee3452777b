using System.Diagnostics;

namespace ThinFuse.Daemon.Tests.Support;

/// <summary>Runs what a user would type.</summary>
public static class Shell
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command line in a directory; what it prints, and its exit code, are returned.</summary>
    public static ShellResult Run(string directory, string commandLine)
    {
        ProcessStartInfo start = new("/bin/bash", ["-c", commandLine])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{commandLine}' did not end within {Patience.TotalSeconds} s");
        }

        return new ShellResult(commandLine, process.ExitCode, output.Result.TrimEnd('\n'), errors.Result.TrimEnd('\n'));
    }

    /// <summary>Whether a program is installed.</summary>
    public static bool Has(string program) => Run("/", $"command -v {program}").ExitCode == 0;
}
