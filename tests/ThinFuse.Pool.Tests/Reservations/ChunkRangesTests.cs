using ThinFuse.Pool.Space.Reservations;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Reservations;

/// <summary>Sets of chunks beside plain sets.</summary>
public sealed class ChunkRangesTests(ITestOutputHelper output)
{
    private const int Chunks = 60;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_set_of_ranges_is_the_set_that_a_plain_one_is(int seed)
    {
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        ChunkRanges ranges = ChunkRanges.Empty;
        ChunkRanges before = ranges;
        HashSet<long> plain = [];
        HashSet<long> plainBefore = [];
        for (int step = 0; step < 2000; step++)
        {
            long first = random.Next(Chunks);
            long end = first + random.Next(8);
            IEnumerable<long> chunks = Enumerable.Range((int)first, (int)(end - first)).Select(chunk => (long)chunk);
            bool adds = random.Next(2) == 0;
            ranges = adds ? ranges.With(first, end) : ranges.Without(first, end);
            plain = adds ? [.. plain, .. chunks] : [.. plain.Except(chunks)];
            Chunked(ranges).Should().Equal(plain.Order(), $"seed {seed}, step {step}");
            ranges.Count.Should().Be(plain.Count);
            ranges.Overlaps(first, end).Should().Be(adds && end > first);
            if (random.Next(10) == 0)
            {
                Chunked(ranges.Except(before)).Should().Equal(plain.Except(plainBefore).Order(), $"seed {seed}, step {step}");
                Chunked(before.Except(ranges)).Should().Equal(plainBefore.Except(plain).Order(), $"seed {seed}, step {step}");
                (before, plainBefore) = (ranges, plain);
            }
        }
    }

    private static IEnumerable<long> Chunked(ChunkRanges ranges)
    {
        ChunkRange last = new(-2, -1);
        foreach (ChunkRange range in ranges.Ranges)
        {
            range.First.Should().BeGreaterThan(last.End, "neighbours are one range");
            range.Count.Should().BePositive();
            last = range;
        }

        return Enumerable.Range(0, Chunks + 8).Select(chunk => (long)chunk).Where(ranges.Contains);
    }
}
