using System.Buffers.Binary;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Transfer;

/// <summary>Says of which stream how much has arrived, so that the rest can be sent.</summary>
/// <param name="ContentId">The content that the stream carries.</param>
/// <param name="BaseId">What it changes; empty for nothing.</param>
/// <param name="KeptBytes">The offset before which everything has arrived.</param>
public readonly record struct ResumeToken(Guid ContentId, Guid BaseId, long KeptBytes)
{
    private const int LengthBytes = 44;

    /// <summary>The token as text, 88 hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[LengthBytes];
        ContentId.TryWriteBytes(bytes);
        BaseId.TryWriteBytes(bytes[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], KeptBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], Crc32C.Compute(bytes[..40]));
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Reads a token; false when the text is none, or was mistyped.</summary>
    public static bool TryParse(string text, out ResumeToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[LengthBytes];
        if (text.Length != 2 * LengthBytes || Convert.FromHexString(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done
            || written != LengthBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]) != Crc32C.Compute(bytes[..40]))
        {
            return false;
        }

        token = new ResumeToken(new Guid(bytes[..16]), new Guid(bytes[16..32]), BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));
        return token.KeptBytes >= 0;
    }
}
