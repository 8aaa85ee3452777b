using System.Runtime.InteropServices;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>Memory that O_DIRECT accepts, zero at first.</summary>
internal sealed unsafe class AlignedBuffer : IDisposable
{
    private const int Alignment = 4096;

    private readonly nint _start;
    private readonly int _lengthBytes;

    public AlignedBuffer(int lengthBytes)
    {
        _lengthBytes = lengthBytes;
        _start = (nint)NativeMemory.AlignedAlloc((nuint)lengthBytes, Alignment);
        Bytes.Clear();
    }

    /// <summary>All of it.</summary>
    public Span<byte> Bytes => new((void*)_start, _lengthBytes);

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree((void*)_start);
}
