using System.Runtime.InteropServices;
using System.Text;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>Builds the parts of requests.</summary>
internal static class Bytes
{
    public static byte[] Of<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    /// <summary>A name with its zero byte.</summary>
    public static byte[] Name(string name) => [.. Encoding.UTF8.GetBytes(name), 0];

    /// <summary>Bytes that tell their position.</summary>
    public static byte[] Pattern(int lengthBytes)
    {
        byte[] bytes = new byte[lengthBytes];
        new Random(lengthBytes).NextBytes(bytes);
        return bytes;
    }
}
