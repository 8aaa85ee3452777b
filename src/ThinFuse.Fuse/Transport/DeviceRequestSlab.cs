using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings;

namespace ThinFuse.Fuse.Transport;

/// <summary>The memory of two requests, which fills a huge page but for its last pages. All but <see cref="Return"/> is for the holder of the slabs' lock.</summary>
internal sealed unsafe class DeviceRequestSlab : IDisposable
{
    /// <summary>How many requests have their memory in one slab.</summary>
    public const int Count = 2;

    private readonly DeviceRequestSlabs _slabs;
    private readonly SharedMemory _mapping = new(Count * DeviceRequestMemory.LengthBytes);
    private readonly bool[] _isTaken = new bool[Count];

    /// <summary>Maps it.</summary>
    /// <param name="slabs">Told of what comes back.</param>
    /// <exception cref="FuseException">There is no memory.</exception>
    public DeviceRequestSlab(DeviceRequestSlabs slabs)
    {
        _slabs = slabs;
        _mapping.PreferHugePages();
    }

    public bool IsFull => !_isTaken.Contains(false);

    public bool IsIdle => !_isTaken.Contains(true);

    /// <summary>Takes a part of one that is not full.</summary>
    public byte* Take()
    {
        int index = Array.IndexOf(_isTaken, false);
        _isTaken[index] = true;
        return _mapping.Start + (index * DeviceRequestMemory.LengthBytes);
    }

    /// <summary>Gives a part back. For any thread.</summary>
    public void Return(byte* start) => _slabs.Return(this, start);

    /// <summary>A part is nobody's any more.</summary>
    public void Clear(byte* start) => _isTaken[(int)((start - _mapping.Start) / DeviceRequestMemory.LengthBytes)] = false;

    /// <summary>Frees it all.</summary>
    public void Dispose() => _mapping.Dispose();
}
