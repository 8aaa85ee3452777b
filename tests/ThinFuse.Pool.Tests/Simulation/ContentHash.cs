using System.Numerics;
using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>64-bit hashes by which equal states of a disk are recognised. They guard against nothing but chance.</summary>
internal static class ContentHash
{
    private const ulong Odd = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Hashes bytes, a multiple of 32 of them.</summary>
    internal static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        (ulong a, ulong b, ulong c, ulong d) = (1, 2, 3, 4);
        for (int i = 0; i + 3 < words.Length; i += 4)
        {
            a = (BitOperations.RotateLeft(a, 29) ^ words[i]) * Odd;
            b = (BitOperations.RotateLeft(b, 29) ^ words[i + 1]) * Odd;
            c = (BitOperations.RotateLeft(c, 29) ^ words[i + 2]) * Odd;
            d = (BitOperations.RotateLeft(d, 29) ^ words[i + 3]) * Odd;
        }
        return Mix(Mix(a, b), Mix(c, d));
    }

    internal static ulong Of(string text)
    {
        ulong hash = (ulong)text.Length;
        foreach (char c in text)
        {
            hash = (BitOperations.RotateLeft(hash, 29) ^ c) * Odd;
        }
        return Mix(hash, 0);
    }

    /// <summary>Hashes two values; their order counts.</summary>
    internal static ulong Mix(ulong one, ulong other)
    {
        ulong hash = (one + Odd) * 0xBF58_476D_1CE4_E5B9;
        hash = (hash ^ (hash >> 31) ^ other) * 0x94D0_49BB_1331_11EB;
        return hash ^ (hash >> 29);
    }
}
