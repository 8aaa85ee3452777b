using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Tests.Control;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(ControlErrorKind.Failed, 1, 500)]
    [InlineData(ControlErrorKind.Exists, 1, 409)]
    [InlineData(ControlErrorKind.Usage, 2, 400)]
    [InlineData(ControlErrorKind.NoSpace, 3, 507)]
    [InlineData(ControlErrorKind.Busy, 4, 423)]
    [InlineData(ControlErrorKind.NotFound, 5, 404)]
    [InlineData(ControlErrorKind.Damaged, 6, 500)]
    public void Every_kind_has_its_exit_code_and_status(ControlErrorKind kind, int exitCode, int status)
    {
        kind.ToExitCode().Should().Be(exitCode);
        kind.ToHttpStatus().Should().Be(status);
    }

    [Fact]
    public void No_kind_means_success() =>
        Enum.GetValues<ControlErrorKind>().Should().OnlyContain(kind =>
            kind.ToExitCode() >= 1 && kind.ToExitCode() <= 6 && kind.ToHttpStatus() >= 400);
}
