namespace ThinFuse.Pool.Tree;

/// <summary>A move under way; disposing of it ends the move. See <see cref="RestructureLock.Move"/>.</summary>
internal ref struct MoveScope(RestructureLock moves, long? chunk, Lock.Scope alone)
{
    private Lock.Scope _alone = alone;

    public void Dispose()
    {
        moves.End(chunk);
        _alone.Dispose();
    }
}
