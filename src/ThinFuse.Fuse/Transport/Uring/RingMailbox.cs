using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>
/// Where other threads leave answered entries for the thread that owns the ring, since nobody else may submit to it; and the bell that wakes it.
/// Thread-safe. Rings only when the owner sleeps or is about to.
/// </summary>
internal sealed unsafe class RingMailbox : IDisposable
{
    private readonly SafeFileHandle _bell;
    private RingEntry? _last;
    private int _isOwnerAsleep;
    private int _hasNews;

    public RingMailbox()
    {
        int descriptor = Libc.EventDescriptor(0, Libc.EventDescriptorFlags);
        _bell = descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new FuseException(Marshal.GetLastPInvokeError());
    }

    /// <summary>The owner polls this; its counter is never read, so every ring is a new edge.</summary>
    public int BellDescriptor => (int)_bell.DangerousGetHandle();

    /// <summary>Leaves an entry, which is in nobody else's hands.</summary>
    public void Post(RingEntry entry)
    {
        RingEntry? last = Volatile.Read(ref _last);
        while (true)
        {
            entry.NextPosted = last;
            RingEntry? seen = Interlocked.CompareExchange(ref _last, entry, last);
            if (seen == last)
            {
                break;
            }

            last = seen;
        }

        Ring();
    }

    /// <summary>Has the owner not sleep once more before it has looked around.</summary>
    public void Wake()
    {
        Volatile.Write(ref _hasNews, 1);
        Ring();
    }

    /// <summary>The owner is about to sleep; false when there is post or news, and it must not.</summary>
    public bool TrySleep()
    {
        // The mark first, then the look; a poster does it the other way round, so one of the two sees the other.
        Interlocked.Exchange(ref _isOwnerAsleep, 1);
        if (Volatile.Read(ref _last) == null && Interlocked.Exchange(ref _hasNews, 0) == 0)
        {
            return true;
        }

        Awake();
        return false;
    }

    /// <summary>The owner is awake.</summary>
    public void Awake() => Volatile.Write(ref _isOwnerAsleep, 0);

    /// <summary>Takes all entries, linked by <see cref="RingEntry.NextPosted"/>.</summary>
    public RingEntry? TakeAll() => Volatile.Read(ref _last) == null ? null : Interlocked.Exchange(ref _last, null);

    public void Dispose() => _bell.Dispose();

    private void Ring()
    {
        if (Interlocked.Exchange(ref _isOwnerAsleep, 0) == 0)
        {
            return;
        }

        ulong one = 1;
        try
        {
            while (Libc.Write(_bell, &one, sizeof(ulong)) < 0)
            {
                if (Marshal.GetLastPInvokeError() is int errno and not FuseErrno.EINTR)
                {
                    throw new FuseException(errno, $"cannot wake a ring's thread: {FuseErrno.Describe(errno)}");
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The owner has ended since: it needs no waking.
        }
    }
}
