using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Checkpoints;

/// <summary>
/// A checkpoint as bytes, little-endian: a header of 80 bytes, FASTER's metadata, the checksums, the tail. A CRC32C in the header covers
/// all that follows it. The file may be longer; what comes after the stated length means nothing.
/// </summary>
internal static class CheckpointFormat
{
    public const int HeaderBytes = 80;

    private const ulong Magic = 0x5450_4B43_4254_4654; // TFTBCKPT
    private const uint Version = 1;
    private const int ChecksumAt = 8;
    private const int CoveredFrom = 12;
    private const int LengthAt = 16;

    /// <summary>Room for metadata and tail; the metadata is a few hundred bytes.</summary>
    private const int VariableBytes = 16 << 10;

    /// <summary>What a checkpoint of a log of so many bytes takes at most.</summary>
    public static long MaxBytes(long logBytes) => HeaderBytes + VariableBytes + (logBytes / LogBlock.Bytes * sizeof(uint));

    public static byte[] Encode(CheckpointImage image)
    {
        int checksumsAt = HeaderBytes + image.Metadata.Length;
        int tailAt = checksumsAt + (image.Checksums.Length * sizeof(uint));
        byte[] file = new byte[tailAt + image.Tail.Length];
        Span<byte> bytes = file;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[LengthAt..], file.Length);
        image.Token.TryWriteBytes(bytes[24..]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], image.PageBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[44..], image.Metadata.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], image.SegmentBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], image.BeginAddress);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[64..], image.FinalAddress);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[72..], image.Groups);
        image.Metadata.CopyTo(bytes[HeaderBytes..]);
        MemoryMarshal.AsBytes<uint>(image.Checksums).CopyTo(bytes[checksumsAt..]);
        image.Tail.CopyTo(bytes[tailAt..]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], Crc32C.Compute(bytes[CoveredFrom..]));
        return file;
    }

    /// <summary>The length that a header states.</summary>
    /// <exception cref="InvalidDataException">This is no header of a checkpoint, or the file is shorter than it says.</exception>
    public static int StatedLength(ReadOnlySpan<byte> header, long fileBytes, string path)
    {
        long length = BinaryPrimitives.ReadInt64LittleEndian(header[LengthAt..]);
        bool known = BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) == Version;
        return known && length >= HeaderBytes && length <= Math.Min(fileBytes, Array.MaxLength)
            ? (int)length
            : throw Damaged(path, "its header is no checkpoint's, or it was cut short");
    }

    /// <summary>Reads a file of exactly the stated length.</summary>
    /// <exception cref="InvalidDataException">It is not what was written, or not the checkpoint of this token.</exception>
    public static CheckpointImage Decode(ReadOnlySpan<byte> bytes, Guid token, string path)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Crc32C.Compute(bytes[CoveredFrom..]))
        {
            throw Damaged(path, "its checksum does not match");
        }

        int metadataBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]);
        CheckpointImage image = new()
        {
            Token = new Guid(bytes.Slice(24, 16)),
            PageBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]),
            SegmentBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            BeginAddress = BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]),
            FinalAddress = BinaryPrimitives.ReadInt64LittleEndian(bytes[64..]),
            Groups = BinaryPrimitives.ReadInt64LittleEndian(bytes[72..]),
            Metadata = [],
            Checksums = [],
            Tail = [],
        };
        bool sound = image.Token == token
            && BitOperations.IsPow2(image.PageBytes) && image.PageBytes >= LogBlock.Bytes
            && BitOperations.IsPow2(image.SegmentBytes) && image.SegmentBytes >= image.PageBytes
            && image.BeginAddress > 0 && image.FinalAddress >= image.BeginAddress && image.Groups >= 0 && metadataBytes >= 0;
        long checksums = (image.TailAddress - image.ProtectedBegin) / LogBlock.Bytes;
        long tailBytes = image.FinalAddress - image.TailAddress;
        if (!sound || checksums < 0 || HeaderBytes + (long)metadataBytes + (checksums * sizeof(uint)) + tailBytes != bytes.Length)
        {
            throw Damaged(path, "its parts do not fit together");
        }

        ReadOnlySpan<byte> rest = bytes[HeaderBytes..];
        return image with
        {
            Metadata = rest[..metadataBytes].ToArray(),
            Checksums = MemoryMarshal.Cast<byte, uint>(rest.Slice(metadataBytes, (int)checksums * sizeof(uint))).ToArray(),
            Tail = rest[^(int)tailBytes..].ToArray(),
        };
    }

    public static InvalidDataException Damaged(string path, string reason) => new($"{path} is damaged: {reason}.");
}
