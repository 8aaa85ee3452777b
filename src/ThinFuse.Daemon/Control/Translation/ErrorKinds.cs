using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Control.Translation;

/// <summary>The engine's kinds of refusal, in the words of the contract.</summary>
public static class ErrorKinds
{
    /// <summary>The kind that a client is told.</summary>
    public static ControlErrorKind Of(PoolErrorKind kind) => kind switch
    {
        PoolErrorKind.Usage => ControlErrorKind.Usage,
        PoolErrorKind.NoSpace => ControlErrorKind.NoSpace,
        PoolErrorKind.Busy => ControlErrorKind.Busy,
        PoolErrorKind.NotFound => ControlErrorKind.NotFound,
        PoolErrorKind.Damaged => ControlErrorKind.Damaged,
        PoolErrorKind.Exists => ControlErrorKind.Exists,
        _ => ControlErrorKind.Failed,
    };
}
