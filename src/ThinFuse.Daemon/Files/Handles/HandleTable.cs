using System.Collections.Concurrent;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Files.Handles;

/// <summary>The handles given to the kernel. Thread-safe; finding one allocates nothing.</summary>
internal sealed class HandleTable
{
    private readonly ConcurrentDictionary<ulong, IOpenHandle> _handles = new();
    private ulong _last;

    /// <summary>Gives a handle, never used before.</summary>
    public ulong Add(IOpenHandle handle)
    {
        ulong number = Interlocked.Increment(ref _last);
        _handles[number] = handle;
        return number;
    }

    /// <summary>What a handle stands for.</summary>
    /// <exception cref="FuseException">EBADF: it is none, or of another kind.</exception>
    public T Get<T>(ulong number)
        where T : class, IOpenHandle =>
        _handles.TryGetValue(number, out IOpenHandle? handle) && handle is T found ? found : throw new FuseException(FuseErrno.EBADF);

    /// <summary>What a handle stands for, of any kind.</summary>
    public IOpenHandle? Find(ulong number) => _handles.GetValueOrDefault(number);

    /// <summary>Forgets a handle and returns what it stood for.</summary>
    public IOpenHandle? Remove(ulong number) => _handles.TryRemove(number, out IOpenHandle? handle) ? handle : null;
}
