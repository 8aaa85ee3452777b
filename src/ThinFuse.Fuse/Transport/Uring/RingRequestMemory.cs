using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Transport.Rings.Wire;
using ThinFuse.Fuse.Transport.Uring.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>
/// The memory of one ring entry: a data area, and elsewhere the header and the two vectors that tell the kernel of both. All entries of a queue share
/// one mapping: first the data areas, so that each is page-aligned, then the headers.
/// </summary>
/// <param name="mapping">The queue's mapping, which this keeps alive.</param>
/// <param name="index">Which entry of the queue.</param>
/// <param name="entryCount">How many entries the queue has.</param>
internal sealed unsafe class RingRequestMemory(SharedMemory mapping, int index, int entryCount)
    : FuseRequestMemory(DataOf(mapping, index), DataOf(mapping, index))
{
    private const int HeaderStrideBytes = 512;
    private const int VectorsAt = 448;

    private readonly SharedMemory _mapping = mapping;
    private readonly byte* _header = mapping.Start + ((long)entryCount * FuseRequest.DataCapacityBytes) + ((long)index * HeaderStrideBytes);

    public RingRequestHeader* Header => (RingRequestHeader*)_header;

    /// <summary>Header and data area; what <see cref="RingCommand.Register"/> takes.</summary>
    public IoVector* Vectors
    {
        get
        {
            IoVector* vectors = (IoVector*)(_header + VectorsAt);
            vectors[0] = new IoVector { Address = _header, LengthBytes = RingRequestHeader.SizeBytes };
            vectors[1] = new IoVector { Address = Data, LengthBytes = FuseRequest.DataCapacityBytes };
            return vectors;
        }
    }

    /// <summary>Maps the memory of a queue.</summary>
    /// <exception cref="FuseException">There is not so much.</exception>
    public static SharedMemory MapQueue(int entryCount) => new((nuint)entryCount * (FuseRequest.DataCapacityBytes + HeaderStrideBytes));

    /// <summary>Does nothing: the mapping is the queue's.</summary>
    public override void Dispose() => GC.KeepAlive(_mapping);

    private static byte* DataOf(SharedMemory mapping, int index) => mapping.Start + ((long)index * FuseRequest.DataCapacityBytes);
}
