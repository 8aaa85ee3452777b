using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Transport;

/// <summary>
/// Where requests that are read from the device get their memory from, in huge pages where the system has them. What is dropped with a transport is freed when it is
/// unreachable. Thread-safe.
/// </summary>
internal sealed unsafe class DeviceRequestSlabs
{
    private readonly Lock _lock = new();

    /// <summary>Those that have room, none of them idle.</summary>
    private readonly List<DeviceRequestSlab> _open = [];

    /// <summary>The memory of one request, every page of it.</summary>
    /// <exception cref="FuseException">There is no memory.</exception>
    public DeviceRequestMemory Take()
    {
        DeviceRequestSlab slab;
        byte* start;
        lock (_lock)
        {
            if (_open.Count == 0)
            {
                _open.Add(new DeviceRequestSlab(this));
            }

            slab = _open[^1];
            start = slab.Take();
            if (slab.IsFull)
            {
                _open.Remove(slab);
            }
        }

        return new DeviceRequestMemory(slab, start);
    }

    /// <summary>Takes back a part of a slab, and frees the slab that holds nothing then.</summary>
    public void Return(DeviceRequestSlab slab, byte* start)
    {
        lock (_lock)
        {
            if (slab.IsFull)
            {
                _open.Add(slab);
            }

            slab.Clear(start);
            if (!slab.IsIdle)
            {
                return;
            }

            _open.Remove(slab);
        }

        slab.Dispose();
    }
}
