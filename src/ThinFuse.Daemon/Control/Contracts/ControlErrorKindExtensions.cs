namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What an error kind becomes at the edges: an exit code, an HTTP status.</summary>
public static class ControlErrorKindExtensions
{
    /// <summary>The exit code of a command that fails with this kind: 1 to 6.</summary>
    public static int ToExitCode(this ControlErrorKind kind) => kind switch
    {
        ControlErrorKind.Usage => 2,
        ControlErrorKind.NoSpace => 3,
        ControlErrorKind.Busy => 4,
        ControlErrorKind.NotFound => 5,
        ControlErrorKind.Damaged => 6,
        _ => 1,
    };

    /// <summary>The HTTP status that carries this kind. Clients go by the kind in the body; the status is for curl and proxies.</summary>
    public static int ToHttpStatus(this ControlErrorKind kind) => kind switch
    {
        ControlErrorKind.Usage => 400,
        ControlErrorKind.NotFound => 404,
        ControlErrorKind.Exists => 409,
        ControlErrorKind.Busy => 423,
        ControlErrorKind.NoSpace => 507,
        _ => 500,
    };
}
