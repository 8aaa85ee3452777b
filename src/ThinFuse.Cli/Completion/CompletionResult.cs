namespace ThinFuse.Cli.Completion;

/// <summary>A shell's completion script.</summary>
/// <param name="Shell">bash, zsh or fish.</param>
/// <param name="Script">What the shell is to read.</param>
internal sealed record CompletionResult(string Shell, string Script);
