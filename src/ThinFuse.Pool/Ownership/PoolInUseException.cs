namespace ThinFuse.Pool.Ownership;

/// <summary>Another process has the pool. The message says which, and where it is mounted.</summary>
/// <param name="poolDirectory">The pool.</param>
/// <param name="owner">Who has it; null when the owner has not written its name.</param>
public sealed class PoolInUseException(string poolDirectory, PoolOwner? owner)
    : IOException($"{poolDirectory} in use by {owner?.ToString() ?? "another process"}")
{
    /// <summary>Who has the pool; null when that is not known.</summary>
    public PoolOwner? Owner { get; } = owner;
}
