using System.Diagnostics;
using ThinFuse.Cli.Errors;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Supervision;

/// <summary>How this very program is started again.</summary>
internal static class ProgramCommand
{
    private const string DiagnosticsVariable = "DOTNET_EnableDiagnostics";

    /// <summary>Has the runtime open no diagnostics port: that is a socket in the temporary directory, which a daemon that is killed leaves behind.</summary>
    public static void LeaveNothingBehind(ProcessStartInfo start) => start.Environment.TryAdd(DiagnosticsVariable, "0");

    /// <summary>The program, and what stands before its arguments; absolute paths.</summary>
    /// <exception cref="CommandFailure">The path of this executable is not known.</exception>
    public static IReadOnlyList<string> OfThis()
    {
        string self = Environment.ProcessPath ?? throw new CommandFailure(
            ControlErrorKind.Failed, "the path of this executable is not known; use --foreground");

        // Run as `dotnet thinfuse.dll`: the host needs the assembly again.
        return Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, Path.GetFullPath(Environment.GetCommandLineArgs()[0])] : [self];
    }
}
