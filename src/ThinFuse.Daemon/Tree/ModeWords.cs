using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tree;

/// <summary>The words for a pool's mode, the same in files, metrics and JSON.</summary>
internal static class ModeWords
{
    /// <summary>write, out_of_space, read_only or failed.</summary>
    public static string Of(PoolMode mode) => mode switch
    {
        PoolMode.Write => "write",
        PoolMode.OutOfSpace => "out_of_space",
        PoolMode.ReadOnly => "read_only",
        _ => "failed",
    };
}
