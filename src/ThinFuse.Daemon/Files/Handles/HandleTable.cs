using System.Collections.Concurrent;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Files.Handles;

/// <summary>
/// The handles given to the kernel: what they stand for, and in the restart memory that they are given. Thread-safe; finding one allocates nothing.
/// </summary>
internal sealed class HandleTable(KeptHandles kept)
{
    private readonly ConcurrentDictionary<ulong, IOpenHandle> _handles = new();

    /// <summary>Gives a handle, never used before.</summary>
    /// <param name="request">Who opens.</param>
    /// <param name="nodeId">What is opened.</param>
    /// <param name="handle">What the handle stands for.</param>
    public ulong Add(FuseRequest request, ulong nodeId, IOpenHandle handle)
    {
        KeptHandleKind kind = handle switch
        {
            OpenDirectory => KeptHandleKind.Directory,
            OpenVolumeFile { IsWriter: true } => KeptHandleKind.Writer,
            _ => KeptHandleKind.Reader,
        };
        ulong number = kept.Add(request.OriginalUnique, nodeId, kind);
        _handles[number] = handle;
        return number;
    }

    /// <summary>Gives a handle a meaning again that a process before this one gave.</summary>
    public void Restore(ulong number, IOpenHandle handle) => _handles[number] = handle;

    /// <summary>
    /// The handle that an opening got which comes again, so that it is not given a second one that nobody would ever release; 0 when it got none.
    /// </summary>
    public ulong GivenTo(FuseRequest request) =>
        request.IsResent && kept.GivenTo(request.OriginalUnique) is var number && _handles.ContainsKey(number) ? number : 0;

    /// <summary>What a handle stands for.</summary>
    /// <exception cref="FuseException">EBADF: it is none, or of another kind.</exception>
    public T Get<T>(ulong number)
        where T : class, IOpenHandle =>
        _handles.TryGetValue(number, out IOpenHandle? handle) && handle is T found ? found : throw new FuseException(FuseErrno.EBADF);

    /// <summary>What a handle stands for, of any kind.</summary>
    public IOpenHandle? Find(ulong number) => _handles.GetValueOrDefault(number);

    /// <summary>Forgets a handle and returns what it stood for.</summary>
    public IOpenHandle? Remove(ulong number)
    {
        kept.Remove(number);
        return _handles.TryRemove(number, out IOpenHandle? handle) ? handle : null;
    }
}
