using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Pool;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Daemon.Hosting;

/// <summary>What a process holds while it serves a pool, and passes on to its successor: the pool's lock, and the restart memory.</summary>
internal sealed class PoolTenure : IDisposable
{
    private PoolTenure(PoolLock ownership, RestartMemory memory)
    {
        Ownership = ownership;
        Memory = memory;
    }

    /// <summary>The pool's lock.</summary>
    public PoolLock Ownership { get; }

    /// <summary>What the kernel holds.</summary>
    public RestartMemory Memory { get; }

    /// <summary>The mount that a process before this one left; null when there is none yet.</summary>
    public FuseConnection? Connection { get; private init; }

    /// <summary>Where that is mounted, absolute, without symbolic links.</summary>
    public string? MountPoint { get; private init; }

    /// <summary>Takes a pool, or takes over one.</summary>
    /// <exception cref="PoolException">NotFound: there is no pool.</exception>
    /// <exception cref="PoolInUseException">Another process has it.</exception>
    /// <exception cref="InvalidDataException">The process before this one was of a version that this one cannot take over from.</exception>
    public static PoolTenure Begin(string poolDirectory, string mountPoint, ServerLink? supervisor)
    {
        if (supervisor is { IsSuccessor: true })
        {
            (KeptMount mount, var lockFile, var memoryFile, FuseConnection connection) = supervisor.TakeKept();
            RestartMemory memory = RestartMemory.Adopt(memoryFile);
            return new PoolTenure(PoolLock.Adopt(lockFile, poolDirectory, mount.MountPoint), memory)
            {
                Connection = connection,
                MountPoint = mount.MountPoint,
            };
        }

        if (!ThinPool.Exists(poolDirectory))
        {
            throw new PoolException(PoolErrorKind.NotFound, $"{poolDirectory} is no pool; create one with 'thinfuse pool create {poolDirectory}'");
        }

        PoolDirectoryGuard.Require(poolDirectory);
        PoolLock ownership = PoolLock.Acquire(poolDirectory, mountPoint, hasSuccessor: supervisor is not null);
        try
        {
            return new PoolTenure(ownership, RestartMemory.Create());
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    /// <summary>Gives the pool back. Not called by a process that has a successor.</summary>
    public void Dispose()
    {
        Memory.Dispose();
        Ownership.Dispose();
    }
}
