using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ThinFuse.Pool.Storage;

/// <summary>CRC-32C (Castagnoli), by the processor's instruction.</summary>
internal static class Crc32C
{
    /// <summary>The running value before any byte.</summary>
    internal const uint Start = uint.MaxValue;

    /// <summary>The running value after more bytes.</summary>
    internal static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int i = 0;
        if (Sse42.X64.IsSupported)
        {
            // As the framework's method does, but in place: a call a word is what code that is compiled ahead of time makes of that one.
            ulong wide = running;
            for (; i <= bytes.Length - sizeof(ulong); i += sizeof(ulong))
            {
                wide = Sse42.X64.Crc32(wide, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i)));
            }
            running = (uint)wide;
        }
        for (; i <= bytes.Length - sizeof(ulong); i += sizeof(ulong))
        {
            running = BitOperations.Crc32C(running, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i)));
        }
        for (; i < bytes.Length; i++)
        {
            running = BitOperations.Crc32C(running, Unsafe.Add(ref start, i));
        }
        return running;
    }

    /// <summary>The checksum of all bytes at once.</summary>
    internal static uint Compute(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));

    /// <summary>The checksum that a running value stands for.</summary>
    internal static uint Finish(uint running) => ~running;
}
