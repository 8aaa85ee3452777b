using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ThinFuse.Pool.Journaling;

/// <summary>Looks for sequences among words that may be anything.</summary>
/// <remarks>
/// Written out, where the framework has a generic search by vectors: that one is not compiled ahead of time for this type, and an opening after a crash,
/// which goes through tens of MiB of spare segments once, would be over before the compiler was done with it.
/// </remarks>
internal static class SequenceSearch
{
    private const int WordBytes = RecordCodec.Alignment;
    private const int Unroll = 4;

    /// <summary>
    /// How many bytes, a multiple of 8, come before the first little-endian word from <paramref name="first"/> to <paramref name="last"/>; those of all whole
    /// words when there is none.
    /// </summary>
    internal static int SkipOthers(ReadOnlySpan<byte> words, long first, long last)
    {
        if (last < first)
        {
            return words.Length & -WordBytes;
        }

        ref byte start = ref MemoryMarshal.GetReference(words);
        ulong width = (ulong)(last - first);
        int count = words.Length / WordBytes;
        int i = 0;
        for (; i <= count - Unroll; i += Unroll)
        {
            bool isAny = IsIn(ref start, i, first, width) | IsIn(ref start, i + 1, first, width)
                | IsIn(ref start, i + 2, first, width) | IsIn(ref start, i + 3, first, width);
            if (isAny)
            {
                break;
            }
        }

        while (i < count && !IsIn(ref start, i, first, width))
        {
            i++;
        }

        return i * WordBytes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsIn(ref byte start, int index, long first, ulong width)
    {
        // The processors that this runs on are little-endian.
        long word = Unsafe.ReadUnaligned<long>(ref Unsafe.Add(ref start, index * WordBytes));
        return (ulong)(word - first) <= width;
    }
}
