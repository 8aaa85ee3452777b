using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>A regular file in memory. A block that is all zeros counts as a hole.</summary>
internal sealed class MemoryNode(ulong nodeId, uint mode, uint userId, uint groupId)
{
    public const int BlockBytes = 4096;

    private byte[] _content = [];

    public ulong NodeId { get; } = nodeId;

    public uint Mode { get; set; } = mode;

    public uint UserId { get; set; } = userId;

    public uint GroupId { get; set; } = groupId;

    public int Links { get; set; } = 1;

    public FuseTimestamp AccessTime { get; set; } = FuseTimestamp.Now;

    public FuseTimestamp ModificationTime { get; set; } = FuseTimestamp.Now;

    public SortedDictionary<string, byte[]> ExtendedAttributes { get; } = new(StringComparer.Ordinal);

    public long SizeBytes => _content.Length;

    public FuseAttributes Attributes => new()
    {
        Inode = NodeId,
        SizeBytes = SizeBytes,
        Blocks512 = CountBlocks() * (BlockBytes / 512),
        AccessTime = AccessTime,
        ModificationTime = ModificationTime,
        ChangeTime = ModificationTime,
        Mode = Mode,
        Links = (uint)Links,
        UserId = UserId,
        GroupId = GroupId,
        BlockSizeBytes = BlockBytes,
    };

    public FuseEntry Entry => new() { NodeId = NodeId, Attributes = Attributes };

    public void SetSize(long sizeBytes)
    {
        if (sizeBytes > 64 << 20)
        {
            throw new Serving.FuseException(FuseErrno.EFBIG);
        }

        Array.Resize(ref _content, (int)sizeBytes);
    }

    public int Read(long offsetBytes, Span<byte> target)
    {
        int lengthBytes = (int)Math.Clamp(SizeBytes - offsetBytes, 0, target.Length);
        _content.AsSpan((int)Math.Min(offsetBytes, SizeBytes), lengthBytes).CopyTo(target);
        return lengthBytes;
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> source)
    {
        SetSize(Math.Max(SizeBytes, offsetBytes + source.Length));
        source.CopyTo(_content.AsSpan((int)offsetBytes));
        ModificationTime = FuseTimestamp.Now;
    }

    public void Zero(long offsetBytes, long lengthBytes)
    {
        long end = Math.Min(SizeBytes, offsetBytes + lengthBytes);
        if (offsetBytes < end)
        {
            _content.AsSpan((int)offsetBytes, (int)(end - offsetBytes)).Clear();
        }
    }

    /// <summary>The next offset with or without data; -1 when there is none.</summary>
    public long Seek(long offsetBytes, bool data)
    {
        for (long at = offsetBytes; at < SizeBytes; at = (at / BlockBytes * BlockBytes) + BlockBytes)
        {
            if (HasData(at / BlockBytes) == data)
            {
                return at;
            }
        }

        return data || offsetBytes >= SizeBytes ? -1 : SizeBytes;
    }

    private bool HasData(long block)
    {
        int start = (int)block * BlockBytes;
        return _content.AsSpan(start, Math.Min(BlockBytes, _content.Length - start)).IndexOfAnyExcept((byte)0) >= 0;
    }

    private long CountBlocks()
    {
        long count = 0;
        for (long block = 0; block * BlockBytes < SizeBytes; block++)
        {
            count += HasData(block) ? 1 : 0;
        }

        return count;
    }
}
