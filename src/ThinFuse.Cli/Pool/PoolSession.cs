using ThinFuse.Cli.Addressing;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Cli.Pool;

/// <summary>Asks the daemon of a pool, and where none serves does the same offline.</summary>
internal static class PoolSession
{
    /// <summary>Runs one of two.</summary>
    /// <param name="locator">Finds the pool.</param>
    /// <param name="path">POOL or MNT.</param>
    /// <param name="online">With the daemon.</param>
    /// <param name="offline">Without, given the pool directory; the pool's lock tells when a daemon came up in between.</param>
    public static async Task<T> RunAsync<T>(PoolLocator locator, string path, Func<ControlClient, Task<T>> online, Func<string, T> offline)
    {
        string pool = locator.FromPoolOrMount(path);
        if (File.Exists(Path.Combine(pool, ControlSocket.FileName)) || IsBetweenServers(pool))
        {
            using ControlClient client = new(pool);
            try
            {
                return await online(client).ConfigureAwait(false);
            }
            catch (ControlException e) when (e is { Kind: ControlErrorKind.NotFound, InnerException: not null })
            {
                // A socket that nobody listens on is what a killed daemon leaves behind.
            }
        }

        return offline(pool);
    }

    // A server that makes way takes its socket with it; the pool's owner stays.
    private static bool IsBetweenServers(string pool) => ThinPool.Exists(pool) && PoolLock.TryReadOwner(pool) is { HasSuccessor: true };
}
