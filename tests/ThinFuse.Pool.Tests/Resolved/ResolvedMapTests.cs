using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>What one slot promises: an answer is whole, it is of its chunk, and it is never given after something has changed.</summary>
public sealed class ResolvedMapTests : IDisposable
{
    private const long Id = 7;
    private const ushort All = ushort.MaxValue;
    private readonly RestructureLock _moves = new();
    private readonly ResolvedMap _map;

    public ResolvedMapTests() => _map = new ResolvedMap(ResolvedSlot.Bytes, _moves);

    public void Dispose() => _map.Dispose();

    [Fact]
    public void An_answer_comes_back_as_it_was_filled_in()
    {
        long[] extents = [0, -1, (1L << 40) - 2, 5, -1, 1L << 32, 17, 18, 19, -1, -1, -1, 255, 256, (254L << 32) + 3, (1L << 40) - 2];
        Fill(3, extents).Should().BeTrue();
        Ask(3).Should().Equal(extents);
    }

    [Fact]
    public void Only_the_wanted_blocks_are_given()
    {
        Fill(3, [.. Enumerable.Range(0, 16).Select(block => (long)block)]);
        long[] extents = [.. Enumerable.Repeat(-7L, 16)];
        _map.TryGet(Id, 3, 0b1000_0001, extents, out ushort found, out _).Should().BeTrue();
        found.Should().Be(0b1000_0001);
        extents.Should().Equal([0, -7, -7, -7, -7, -7, -7, 7, -7, -7, -7, -7, -7, -7, -7, -7]);
    }

    [Fact]
    public void An_empty_map_knows_nothing_not_even_of_the_first_chunk_of_the_first_volume()
    {
        _map.TryGet(1, 0, All, new long[16], out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Another_chunk_or_volume_in_the_same_slot_is_not_answered_and_takes_its_place()
    {
        Fill(3, TestChain.All(1));
        Ask(4).Should().BeNull();
        _map.TryGet(Id + 1, 3, All, new long[16], out _, out _).Should().BeFalse();
        Fill(4, TestChain.All(2));
        Ask(3).Should().BeNull();
        Ask(4).Should().Equal(TestChain.All(2));
    }

    [Fact]
    public void There_is_no_answer_while_a_change_is_under_way_nor_after_it()
    {
        Fill(3, TestChain.All(1));
        _map.BeginChange(Id, 3);
        Ask(3).Should().BeNull();
        _map.EndChange(Id, 3);
        Ask(3).Should().BeNull();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_walk_that_began_before_a_change_ended_does_not_fill(long changed)
    {
        long before = _map.StateOf(Id, 3);
        _map.BeginChange(Id, changed);
        long meanwhile = _map.StateOf(Id, 3);
        FillFrom(before, 3).Should().BeFalse();
        FillFrom(meanwhile, 3).Should().BeFalse("the walk may have seen what was before");
        _map.EndChange(Id, changed);
        FillFrom(before, 3).Should().BeFalse();
        FillFrom(meanwhile, 3).Should().BeFalse();
        FillFrom(_map.StateOf(Id, 3), 3).Should().BeTrue();
    }

    [Fact]
    public void Changes_side_by_side_all_have_to_end()
    {
        _map.BeginChange(Id, 3);
        _map.BeginChange(Id, 4);
        _map.EndChange(Id, 3);
        Fill(3, TestChain.All(1)).Should().BeFalse();
        _map.EndChange(Id, 4);
        Fill(3, TestChain.All(1)).Should().BeTrue();
    }

    [Fact]
    public void Of_two_walks_that_began_together_one_fills()
    {
        long state = _map.StateOf(Id, 3);
        FillFrom(state, 3).Should().BeTrue();
        FillFrom(state, 3).Should().BeFalse();
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(3 + (1 << 15), true)]
    [InlineData(3 + (1 << 16), false)]
    public void A_move_ends_the_answers_of_its_chunk_and_leaves_the_neighbours(long moved, bool stands)
    {
        Fill(3, TestChain.All(1));
        using (_moves.Move(moved))
        {
            (Ask(3) is not null).Should().Be(stands);
        }

        (Ask(3) is not null).Should().Be(stands);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ResolvedSlot.Bytes * 2)]
    [InlineData(ResolvedSlot.Bytes * 7)]
    [InlineData(1 << 20)]
    public void Neighbouring_chunks_share_a_small_map_without_mixing_their_answers(int budgetBytes)
    {
        using ResolvedMap map = new(budgetBytes, _moves);
        long[] extents = new long[16];
        for (long chunk = 0; chunk < 40; chunk++)
        {
            map.TryFill(Id, chunk, map.StateOf(Id, chunk), _moves.BeginWalk(chunk), All, TestChain.All(chunk)).Should().BeTrue();
            map.TryGet(Id, chunk, All, extents, out _, out _).Should().BeTrue();
            extents.Should().Equal(TestChain.All(chunk));
        }
    }

    [Fact]
    public void A_map_that_is_disposed_says_so()
    {
        ResolvedMap map = new(1 << 20, _moves);
        map.Dispose();
        Action ask = () => map.StateOf(Id, 0);
        ask.Should().Throw<ObjectDisposedException>();
    }

    /// <summary>Each answer is made of one number only: an answer of two numbers is torn, and one of another chunk's number is mixed up.</summary>
    [Fact]
    public void Answers_are_never_torn()
    {
        const int Threads = 4;
        const int Rounds = 200_000;
        long answers = 0;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() => Interlocked.Add(ref answers, Hammer(thread))))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        answers.Should().BeGreaterThan(0, "torn or mixed answers count as a negative number");

        long Hammer(int thread)
        {
            long[] extents = new long[16];
            long given = 0;
            for (int round = 0; round < Rounds; round++)
            {
                long chunk = (round + thread) & 3;
                if (_map.TryGet(Id, chunk, All, extents, out _, out long state))
                {
                    if ((extents[0] & 3) != chunk || extents.AsSpan().ContainsAnyExcept(extents[0]))
                    {
                        return long.MinValue / Threads / 2;
                    }

                    given++;
                }

                if ((round & 7) == 0)
                {
                    Array.Fill(extents, (((long)round * Threads) + thread) << 2 | chunk);
                    _map.TryFill(Id, chunk, _map.StateOf(Id, chunk), _moves.BeginWalk(chunk), All, extents);
                }
                else if ((round & 1023) == 1)
                {
                    _map.BeginChange(Id, chunk);
                    _map.EndChange(Id, chunk);
                }
            }

            return given;
        }
    }

    private bool Fill(long chunk, long[] extents) =>
        _map.TryFill(Id, chunk, _map.StateOf(Id, chunk), _moves.BeginWalk(chunk), FoundIn(extents), extents);

    private bool FillFrom(long state, long chunk) => _map.TryFill(Id, chunk, state, _moves.BeginWalk(chunk), All, TestChain.All(1));

    private long[]? Ask(long chunk)
    {
        long[] extents = new long[ChunkException.MaxBlocks];
        bool known = _map.TryGet(Id, chunk, All, extents, out ushort found, out _);
        if (known)
        {
            found.Should().Be(FoundIn(extents));
        }

        return known ? extents : null;
    }

    private static ushort FoundIn(long[] extents) => (ushort)extents.Select((extent, block) => extent >= 0 ? 1 << block : 0).Sum();
}
