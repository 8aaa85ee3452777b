using System.Diagnostics;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>Runs programs to their end.</summary>
internal static class Shell
{
    private static readonly string[] SystemDirectories = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/local/bin"];

    /// <summary>Runs a program; what it prints is returned.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the program was ended.</exception>
    public static string Run(CancellationToken cancel, string program, params IEnumerable<string> arguments)
    {
        (int code, string output, string error) = TryRun(cancel, program, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {(error + output).Trim()}");
    }

    /// <summary>Runs a program; returns how it ended.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the program was ended.</exception>
    public static (int Code, string Output, string Error) TryRun(CancellationToken cancel, string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancel);
            Task<string> error = process.StandardError.ReadToEndAsync(cancel);
            Task.WaitAll([output, error, process.WaitForExitAsync(cancel)], cancel);
            return (process.ExitCode, output.Result, error.Result);
        }
        catch
        {
            process.Kill();
            process.WaitForExit();
            cancel.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Whether a program is installed.</summary>
    public static bool Has(string program) => Find(program) is not null;

    /// <summary>The path of a program, searched also where only root's shells look; null when it is not installed.</summary>
    public static string? Find(string program)
    {
        string[] directories = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), .. SystemDirectories];
        return directories.Where(directory => directory.Length != 0).Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
    }
}
