using System.Diagnostics;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>Runs commands: stdin is empty, both outputs are captured, and none runs forever.</summary>
internal static class Tool
{
    /// <summary>How long a command may take unless said otherwise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How long the end of a killed command is waited for; one that hangs in the kernel does not end.</summary>
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    /// <summary>Runs a command to its end.</summary>
    public static ToolResult Run(string program, params string[] arguments) => Run(Patience, program, arguments);

    /// <summary>Runs a command to its end, but not longer than this.</summary>
    /// <exception cref="TimeoutException">It did not end; it has been killed.</exception>
    public static ToolResult Run(TimeSpan patience, string program, IReadOnlyList<string> arguments)
    {
        using RunningTool tool = Start(program, arguments);
        return tool.Wait(patience);
    }

    /// <summary>Starts a command that runs beside the test.</summary>
    public static RunningTool Start(string program, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Messages are compared, so they are in English.
        start.Environment["LC_ALL"] = "C";
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        return new RunningTool(process, $"{program} {string.Join(' ', arguments)}", KillPatience);
    }

    /// <summary>Whether a program is on the path.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin"])
            .Any(directory => directory.Length > 0 && File.Exists(Path.Combine(directory, program)));
}
