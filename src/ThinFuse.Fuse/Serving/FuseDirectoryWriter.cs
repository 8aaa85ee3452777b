using System.Runtime.CompilerServices;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Serving;

/// <summary>Writes directory entries into a READDIR or READDIRPLUS request, up to the size that the kernel asked for. Not thread-safe.</summary>
public sealed class FuseDirectoryWriter
{
    private const int MaxNameBytes = 1024;

    private readonly FuseRequest _request;

    internal FuseDirectoryWriter(FuseRequest request) => _request = request;

    /// <summary>
    /// Whether entries carry attributes (READDIRPLUS). Then each entry that was added with a node id other than 0 gives the kernel a lookup
    /// reference, except "." and "..", which never do.
    /// </summary>
    public bool WithAttributes { get; private set; }

    /// <summary>How many bytes have been written.</summary>
    public int WrittenBytes { get; private set; }

    /// <summary>Adds an entry.</summary>
    /// <param name="name">Its name: 1 to 1024 bytes.</param>
    /// <param name="nextOffset">The cookie, above 0, from which a later READDIR goes on after this entry.</param>
    /// <param name="entry">What it stands for; a plain READDIR uses the inode number and the type of the attributes only.</param>
    /// <returns>False when it does not fit; then nothing was written and no reference was given, and the answer is due.</returns>
    public bool TryAdd(ReadOnlySpan<byte> name, ulong nextOffset, in FuseEntry entry)
    {
        ArgumentOutOfRangeException.ThrowIfZero(name.Length, nameof(name));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxNameBytes, nameof(name));
        ArgumentOutOfRangeException.ThrowIfZero(nextOffset);
        int prefixBytes = WithAttributes ? Unsafe.SizeOf<EntryOut>() : 0;
        int nameAt = prefixBytes + Unsafe.SizeOf<DirectoryEntry>();
        int paddedBytes = (nameAt + name.Length + 7) & ~7;
        Span<byte> room = _request.ReadBuffer[WrittenBytes..];
        if (paddedBytes > room.Length)
        {
            return false;
        }

        if (WithAttributes)
        {
            Unsafe.WriteUnaligned(ref room[0], WireConversion.ToWire(entry));
        }

        Unsafe.WriteUnaligned(ref room[prefixBytes], new DirectoryEntry
        {
            Inode = entry.Attributes.Inode,
            NextOffset = nextOffset,
            NameLength = (uint)name.Length,
            Type = (entry.Attributes.Mode & FuseMode.TypeMask) >> 12,
        });
        name.CopyTo(room[nameAt..]);
        room[(nameAt + name.Length)..paddedBytes].Clear();
        WrittenBytes += paddedBytes;
        return true;
    }

    internal void Reset(bool withAttributes)
    {
        WithAttributes = withAttributes;
        WrittenBytes = 0;
    }
}
