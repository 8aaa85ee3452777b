using System.Numerics;
using System.Runtime.CompilerServices;

namespace ThinFuse.Pool.Pending;

/// <summary>A set of shards of the pending set, which are always locked in ascending order.</summary>
[InlineArray(Words)]
internal struct ShardSet
{
    /// <summary>Shards that a set can name.</summary>
    /// <remarks>Many more than threads: one that is put off the processor in the middle of publishing holds up only those that come to its shard.</remarks>
    public const int Capacity = 1 << IndexBits;

    /// <summary>Bits of a shard's index.</summary>
    public const int IndexBits = 9;

    private const int BitsPerWord = 64;
    private const int Words = Capacity / BitsPerWord;

    private ulong _first;

    public readonly bool IsEmpty
    {
        get
        {
            ulong any = 0;
            foreach (ulong word in this)
            {
                any |= word;
            }

            return any == 0;
        }
    }

    public static ShardSet All()
    {
        ShardSet all = default;
        ((Span<ulong>)all).Fill(ulong.MaxValue);
        return all;
    }

    public void Add(int shard) => this[shard / BitsPerWord] |= 1UL << (shard % BitsPerWord);

    /// <summary>The least member from <paramref name="shard"/> on; -1 after the last.</summary>
    public readonly int NextFrom(int shard)
    {
        for (int word = shard / BitsPerWord; word < Words; word++)
        {
            ulong rest = this[word] & (word == shard / BitsPerWord ? ulong.MaxValue << (shard % BitsPerWord) : ulong.MaxValue);
            if (rest != 0)
            {
                return (word * BitsPerWord) + BitOperations.TrailingZeroCount(rest);
            }
        }

        return -1;
    }
}
