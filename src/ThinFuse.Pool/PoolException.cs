namespace ThinFuse.Pool;

/// <summary>The engine refuses, with a kind for programs and one line for people: what happened; what to do.</summary>
public class PoolException : Exception
{
    /// <summary>Creates the refusal.</summary>
    public PoolException(PoolErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>The kind of refusal.</summary>
    public PoolErrorKind Kind { get; }
}
