using System.Numerics;
using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Storage;

/// <summary>CRC-32C (Castagnoli), by the processor's instruction.</summary>
internal static class Crc32C
{
    /// <summary>The running value before any byte.</summary>
    internal const uint Start = uint.MaxValue;

    /// <summary>The running value after more bytes.</summary>
    internal static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            running = BitOperations.Crc32C(running, word);
        }
        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
        {
            running = BitOperations.Crc32C(running, value);
        }
        return running;
    }

    /// <summary>The checksum of all bytes at once.</summary>
    internal static uint Compute(ReadOnlySpan<byte> bytes) => Finish(Append(Start, bytes));

    /// <summary>The checksum that a running value stands for.</summary>
    internal static uint Finish(uint running) => ~running;
}
