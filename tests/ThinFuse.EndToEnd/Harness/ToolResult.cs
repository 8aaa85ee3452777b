using System.Globalization;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>What a command left behind when it ended.</summary>
/// <param name="CommandLine">The command, for messages.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">All of stdout.</param>
/// <param name="Errors">All of stderr.</param>
internal sealed record ToolResult(string CommandLine, int ExitCode, string Output, string Errors)
{
    /// <summary>Stdout without the blanks around it.</summary>
    public string Text => Output.Trim();

    /// <summary>The lines of stderr.</summary>
    public IReadOnlyList<string> ErrorLines => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Fails the test unless the command ended with 0.</summary>
    public ToolResult MustSucceed() => MustExit(0);

    /// <summary>Fails the test unless the command ended with this code.</summary>
    public ToolResult MustExit(int exitCode) => ExitCode == exitCode
        ? this
        : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"exit code {ExitCode} instead of {exitCode}: {this}"));

    /// <summary>Fails the test unless the command failed and said so in these words.</summary>
    public ToolResult MustFail(string words) => ExitCode != 0 && Errors.Contains(words, StringComparison.OrdinalIgnoreCase)
        ? this
        : throw new InvalidOperationException($"expected a failure with '{words}': {this}");

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"`{CommandLine}` ended with {ExitCode}\nstdout: {Output}\nstderr: {Errors}");
}
