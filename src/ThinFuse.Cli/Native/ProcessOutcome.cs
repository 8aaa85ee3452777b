namespace ThinFuse.Cli.Native;

/// <summary>How a tool ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed, trimmed.</param>
/// <param name="Errors">What it printed on stderr, trimmed.</param>
internal sealed record ProcessOutcome(int ExitCode, string Output, string Errors)
{
    public bool Succeeded => ExitCode == 0;
}
