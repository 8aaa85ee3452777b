using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Supervision;

/// <summary>
/// The handles given to the kernel, in the restart memory. A number says its slot and is never given twice, so a release that comes again frees nobody
/// else's. Thread-safe.
/// </summary>
internal sealed unsafe class KeptHandles
{
    private const int SlotBits = 20;

    private readonly RestartMemory _memory;
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();

    public KeptHandles(RestartMemory memory)
    {
        _memory = memory;
        for (int slot = (int)memory.HandleSlotsUsed - 1; slot >= 0; slot--)
        {
            if (memory.Handles[slot].Number == 0)
            {
                _free.Push(slot);
            }
        }
    }

    /// <summary>Those that the kernel holds now.</summary>
    public IReadOnlyList<KeptHandle> All
    {
        get
        {
            lock (_lock)
            {
                List<KeptHandle> all = [];
                for (int slot = 0; slot < _memory.HandleSlotsUsed; slot++)
                {
                    if (_memory.Handles[slot].Number != 0)
                    {
                        all.Add(_memory.Handles[slot]);
                    }
                }

                return all;
            }
        }
    }

    /// <summary>Gives a handle.</summary>
    /// <param name="request">The number of the request that opens.</param>
    /// <param name="nodeId">What it opens.</param>
    /// <param name="kind">What the handle is.</param>
    /// <exception cref="FuseException">ENFILE: there are a million already.</exception>
    public ulong Add(ulong request, ulong nodeId, KeptHandleKind kind)
    {
        lock (_lock)
        {
            int slot;
            if (!_free.TryPop(out slot))
            {
                slot = _memory.HandleSlotsUsed < RestartMemory.HandleCount
                    ? (int)_memory.HandleSlotsUsed
                    : throw new FuseException(FuseErrno.ENFILE);
                _memory.HandleSlotsUsed++;
            }

            ulong number = ((ulong)++_memory.HandlesGiven << SlotBits) | (uint)slot;
            KeptHandle* handle = _memory.Handles + slot;
            handle->NodeId = nodeId;
            handle->Request = request;
            handle->Kind = kind;
            Volatile.Write(ref handle->Number, number);
            return number;
        }
    }

    /// <summary>Takes a handle back; whether it was given.</summary>
    public bool Remove(ulong number)
    {
        int slot = (int)(number & (RestartMemory.HandleCount - 1));
        lock (_lock)
        {
            if (number == 0 || slot >= _memory.HandleSlotsUsed || _memory.Handles[slot].Number != number)
            {
                return false;
            }

            Volatile.Write(ref _memory.Handles[slot].Number, 0);
            _free.Push(slot);
            return true;
        }
    }

    /// <summary>The handle that the request of this number was given; 0 when it was given none, or that is taken back.</summary>
    public ulong GivenTo(ulong request) => All.FirstOrDefault(handle => handle.Request == request).Number;
}
