using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;

namespace ThinFuse.Cli.Completion;

/// <summary><c>thinfuse completion</c>.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "Which shell." };

    public CompletionCommand(CliServices services)
        : base(services, "completion", "Print a shell's completion script: source <(thinfuse completion bash).") =>
            Add(_shell.AcceptOnlyFromAmong(CompletionScripts.Shells));

    protected override Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string shell = parse.GetRequiredValue(_shell);
        output.Show(
            new CompletionResult(shell, CompletionScripts.Of(shell)), CliJsonContext.Default.CompletionResult, result =>
                output.Line(result.Script));
        return Task.FromResult(0);
    }
}
