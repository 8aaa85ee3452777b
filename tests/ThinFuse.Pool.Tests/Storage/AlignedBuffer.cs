using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Tests.Storage;

/// <summary>Memory that O_DIRECT accepts.</summary>
internal sealed unsafe class AlignedBuffer(int lengthBytes) : IDisposable
{
    private readonly nint _start = (nint)NativeMemory.AlignedAlloc((nuint)lengthBytes, 4096);

    internal Span<byte> Bytes => new((void*)_start, lengthBytes);

    public void Dispose() => NativeMemory.AlignedFree((void*)_start);
}
