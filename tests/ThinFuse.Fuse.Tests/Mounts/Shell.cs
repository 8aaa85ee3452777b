using System.Diagnostics;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>Runs programs.</summary>
internal static class Shell
{
    /// <summary>Runs a script with $1 to $9, which must succeed, and returns what it printed.</summary>
    public static string Run(string script, params string[] arguments)
    {
        (int status, string output) = Try(script, arguments);
        status.Should().Be(0, "'{0}' says {1}", script, output);
        return output.TrimEnd();
    }

    /// <summary>Runs a script and returns its exit status and what it printed.</summary>
    public static (int Status, string Output) Try(string script, params string[] arguments)
    {
        using Process process = Start("sh", ["-c", $"exec 2>&1; {script}", "sh", .. arguments]);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(FakeKernel.PatienceMs))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{script}' does not end.");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult());
    }

    public static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"{program} was not started.");
}
