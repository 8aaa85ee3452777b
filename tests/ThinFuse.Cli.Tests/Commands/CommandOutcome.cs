namespace ThinFuse.Cli.Tests.Commands;

internal sealed record CommandOutcome(int ExitCode, string Output, string Errors)
{
    /// <summary>Asserts that the command failed with one line for people, and nothing else.</summary>
    public void ShouldBeOneErrorLine(int exitCode)
    {
        ExitCode.Should().Be(exitCode, Errors);
        Errors.Should().StartWith("thinfuse: ").And.EndWith("\n").And.NotContain("   at ").And.NotContain("Exception");
        Errors.Should().NotContain("unexpected error");
        Errors.TrimEnd('\n').Should().NotContain("\n").And.Contain("; ", "an error says what to do");
        Output.Should().BeEmpty();
    }
}
