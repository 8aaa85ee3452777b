using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>An answer or a notification, as the kernel receives it.</summary>
/// <param name="Unique">The request's number; 0 for a notification.</param>
/// <param name="Error">0, a negative errno, or a notification's code.</param>
/// <param name="Body">What follows the header.</param>
internal sealed record FakeReply(ulong Unique, int Error, byte[] Body)
{
    /// <summary>Reads the body as a struct; it must be exactly that long.</summary>
    public T As<T>()
        where T : unmanaged
    {
        Error.Should().Be(0);
        Body.Length.Should().Be(Marshal.SizeOf<T>());
        return MemoryMarshal.Read<T>(Body);
    }
}
