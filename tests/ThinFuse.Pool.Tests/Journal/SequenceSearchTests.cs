using System.Runtime.InteropServices;
using ThinFuse.Pool.Journaling;

namespace ThinFuse.Pool.Tests.Journaling;

public sealed class SequenceSearchTests
{
    [Fact]
    public void The_first_word_in_range_is_found_wherever_it_stands()
    {
        for (int length = 0; length <= 11; length++)
        {
            for (int found = 0; found <= length; found++)
            {
                long[] words = new long[length];
                Array.Fill(words, 99);
                words.AsSpan(found).Fill(100);
                Skip(words, 100, 200).Should().Be(found * sizeof(long), "word {0} of {1} is the first in range", found, length);
            }
        }
    }

    [Theory]
    [InlineData(long.MinValue, false)]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(7, true)]
    [InlineData(8, false)]
    [InlineData(long.MaxValue, false)]
    public void Both_ends_of_the_range_count(long word, bool isIn) => Skip([word], 5, 7).Should().Be(isIn ? 0 : sizeof(long));

    [Fact]
    public void An_empty_range_holds_nothing() => Skip([5, 6, 7], 7, 6).Should().Be(3 * sizeof(long));

    [Fact]
    public void Bytes_behind_the_last_whole_word_are_not_skipped()
    {
        byte[] bytes = new byte[(2 * sizeof(long)) + 7];
        bytes[^7] = 5;
        SequenceSearch.SkipOthers(bytes, 5, 7).Should().Be(2 * sizeof(long));
    }

    private static int Skip(long[] words, long first, long last) => SequenceSearch.SkipOthers(MemoryMarshal.AsBytes(words.AsSpan()), first, last);
}
