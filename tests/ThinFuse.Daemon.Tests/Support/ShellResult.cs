namespace ThinFuse.Daemon.Tests.Support;

/// <summary>What a command did.</summary>
public sealed record ShellResult(string CommandLine, int ExitCode, string Output, string Errors)
{
    /// <summary>The output of a command that must succeed.</summary>
    public string MustSucceed()
    {
        ExitCode.Should().Be(0, "'{0}' must succeed, but said: {1}", CommandLine, Errors);
        return Output;
    }

    /// <summary>The command must fail with these words on stderr.</summary>
    public void MustFailWith(string words)
    {
        ExitCode.Should().NotBe(0, "'{0}' must fail", CommandLine);
        Errors.Should().Contain(words);
    }
}
