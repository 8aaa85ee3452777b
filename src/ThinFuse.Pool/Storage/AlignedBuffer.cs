using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Storage;

/// <summary>Page-aligned native memory, fit for O_DIRECT on every device.</summary>
public sealed unsafe class AlignedBuffer : IDisposable
{
    /// <summary>Alignment of the address, bytes.</summary>
    public const int AlignmentBytes = 4096;

    private byte* _memory;

    /// <summary>Allocates; the content is undefined.</summary>
    public AlignedBuffer(int lengthBytes)
    {
        LengthBytes = lengthBytes;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)lengthBytes, AlignmentBytes);
    }

    /// <summary>Frees what nobody disposed.</summary>
    ~AlignedBuffer() => Free();

    /// <summary>Length, bytes.</summary>
    public int LengthBytes { get; }

    /// <summary>The memory; valid until disposal.</summary>
    public Span<byte> Span => new(_memory, LengthBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
