using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tree;

/// <summary>What the files of .thinfuse/pool are made from.</summary>
/// <param name="Status">The pool at one moment.</param>
/// <param name="Directory">The pool directory, absolute.</param>
internal sealed record PoolView(PoolStatus Status, string Directory);
