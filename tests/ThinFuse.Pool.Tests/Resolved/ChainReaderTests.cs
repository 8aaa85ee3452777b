using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>Walks, with everything that can happen in the middle of one, and what is kept of them.</summary>
public sealed class ChainReaderTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1000)]
    public void A_warm_read_asks_the_table_no_more_often_than_at_depth_1(int depth)
    {
        using TestChain flat = new(1);
        using TestChain deep = new(depth);
        for (uint layer = 1; layer <= depth; layer++)
        {
            flat.Put(1, layer % 64, TestChain.Whole(layer));
            deep.Put(layer, layer % 64, TestChain.Whole(layer));
        }

        ReadAll(flat).Should().Equal(ReadAll(deep));
        int cold = deep.Table.Lookups;
        cold.Should().BeLessThanOrEqualTo(depth * (depth < 4 ? 64 : 2), "one walk serves all chunks of a group when many layers hold something of it");
        int flatBefore = flat.Table.Lookups;
        ReadAll(flat).Should().Equal(ReadAll(deep));
        (deep.Table.Lookups - cold).Should().Be(0).And.BeLessThanOrEqualTo(flat.Table.Lookups - flatBefore);

        static List<long> ReadAll(TestChain chain) => [.. Enumerable.Range(0, 64).SelectMany(chunk => chain.Read(chunk))];
    }

    [Fact]
    public void Layers_without_anything_nearby_are_passed_without_asking_the_table()
    {
        using TestChain chain = new(500);
        chain.Put(1, 5, TestChain.Whole(11));
        chain.Put(250, 5000, TestChain.Whole(12));
        chain.Read(5).Should().Equal(TestChain.All(11));
        chain.Table.Lookups.Should().Be(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Blocks_come_from_the_uppermost_layer_that_decides_them(int layersBelow)
    {
        using TestChain chain = new(layersBelow + 2);
        for (uint layer = 1; layer <= layersBelow; layer++)
        {
            chain.Put(layer, 3, new ChunkException(layer, 0xFF0F, 0));
        }

        chain.Put((uint)layersBelow + 1, 3, ChunkException.ZeroOnly(0x0F00));
        chain.Put((uint)layersBelow + 2, 3, new ChunkException(99, 0x8001, 0));
        long below = layersBelow;
        long[] expected = [99, below, below, below, -1, -1, -1, -1, -1, -1, -1, -1, below, below, below, 99];
        chain.Read(3).Should().Equal(expected);
        chain.Read(3).Should().Equal(expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void What_a_layer_cuts_off_is_not_found_below_it(int layersBelow)
    {
        using TestChain chain = new(layersBelow + 1);
        for (uint layer = 1; layer <= layersBelow; layer++)
        {
            chain.Put(layer, 3, TestChain.Whole(layer));
            chain.Put(layer, 4, TestChain.Whole(layer));
        }

        Layer head = chain.Volume.Head;
        chain.Tree.Put(head.Record with { VisibleChunks = 4 });
        for (int i = 0; i < 2; i++)
        {
            chain.Read(3).Should().Equal(TestChain.All(layersBelow));
            chain.Read(4).Should().Equal(TestChain.All(-1));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void A_chunk_that_is_published_during_a_walk_is_not_kept_as_it_was(int depth)
    {
        using TestChain chain = new(depth);
        FillLayers(chain, depth - 1);
        chain.Table.ActBefore(1, () => chain.Publish(3, TestChain.Whole(99)));
        chain.Read(3).Should().Equal(TestChain.All(depth - 1), "the walk had passed the head");
        chain.Read(3).Should().Equal(TestChain.All(99));
        chain.Read(3).Should().Equal(TestChain.All(99));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void A_chunk_that_is_published_after_a_walk_is_walked_again(int depth)
    {
        using TestChain chain = new(depth);
        FillLayers(chain, depth - 1);
        chain.Read(3);
        chain.Publish(3, TestChain.Whole(99));
        chain.Read(3).Should().Equal(TestChain.All(99));
        chain.Read(4).Should().Equal(TestChain.All(-1));
    }

    /// <summary>The exception moves up into a layer that the walk has passed.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void A_chunk_that_moves_during_a_walk_is_found_and_kept_as_it_is(int depth)
    {
        using TestChain chain = new(depth);
        for (uint layer = 3; layer <= depth; layer++)
        {
            chain.Put(layer, 4, TestChain.Whole(layer));
        }

        chain.Put(1, 3, TestChain.Whole(1));
        chain.Put(1, 5, TestChain.Whole(5));
        chain.Table.ActBefore(1, () =>
        {
            chain.Move(1, 2, 3, 77);
            chain.Move(1, 2, 5, 78);
            chain.EndMerge(1, 2);
        });
        for (int i = 0; i < 2; i++)
        {
            chain.Read(3).Should().Equal(TestChain.All(77));
            chain.Read(5).Should().Equal(TestChain.All(78));
        }
    }

    /// <summary>Only a neighbour of the chunk that is read moves: the walk is right for the one, and not kept for the other.</summary>
    [Fact]
    public void A_neighbour_that_moves_during_a_walk_is_not_kept_as_it_was()
    {
        using TestChain chain = new(8);
        for (uint layer = 1; layer <= 8; layer++)
        {
            chain.Put(layer, 3, TestChain.Whole(layer));
        }

        chain.Put(1, 5, TestChain.Whole(5));
        chain.Table.ActBefore(1, () => chain.Move(1, 2, 5, 78));
        chain.Read(3).Should().Equal(TestChain.All(8));
        chain.Read(5).Should().Equal(TestChain.All(78));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void A_chunk_that_moves_after_a_walk_is_walked_again(int depth)
    {
        using TestChain chain = new(depth);
        chain.Put(1, 3, TestChain.Whole(1));
        chain.Read(3).Should().Equal(TestChain.All(1));
        chain.Move(1, 2, 3, 77);
        chain.Read(3).Should().Equal(TestChain.All(77));
    }

    /// <summary>The old head merges into the fresh one, past a walk that began at the old one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void A_head_that_is_frozen_and_merged_during_a_walk_is_found_where_it_went(int depth)
    {
        using TestChain chain = new(depth);
        FillLayers(chain, depth);
        uint head = (uint)depth;
        chain.Table.ActBefore(head, () =>
        {
            chain.Snapshot();
            chain.Move(head, head + 1, 3, 77);
            chain.EndMerge(head, head + 1);
        });
        chain.Read(3).Should().Equal(TestChain.All(77));
        chain.Read(3).Should().Equal(TestChain.All(77));
    }

    [Fact]
    public void A_snapshot_keeps_what_is_known_and_the_fresh_head_is_told_of()
    {
        using TestChain chain = new(2);
        chain.Put(1, 3, TestChain.Whole(1));
        chain.Read(3);
        int lookups = chain.Table.Lookups;
        chain.Snapshot();
        chain.Read(3).Should().Equal(TestChain.All(1));
        chain.Table.Lookups.Should().Be(lookups);
        chain.Publish(3, TestChain.Whole(9));
        chain.Read(3).Should().Equal(TestChain.All(9));
    }

    /// <summary>Writes into a head with nothing below it are not told to the map; what it knew from before must not come back.</summary>
    [Fact]
    public void What_was_known_before_a_head_stood_alone_is_forgotten_when_it_gets_company()
    {
        using TestChain chain = new(2);
        chain.Put(1, 3, TestChain.Whole(1));
        chain.Read(3);
        chain.EndMerge(1, 2);
        chain.Put(2, 3, TestChain.Whole(9));
        chain.Snapshot();
        chain.Read(3).Should().Equal(TestChain.All(9));
    }

    [Fact]
    public void A_volume_that_gets_the_content_of_another_forgets_its_own()
    {
        using TestChain chain = new(2);
        chain.Put(1, 3, TestChain.Whole(1));
        chain.Read(3);
        chain.Tree.Put(new LayerRecord(10, 0, long.MaxValue));
        chain.Tree.Put(new LayerRecord(11, 10, long.MaxValue));
        chain.Put(10, 3, TestChain.Whole(9));
        chain.Volume.MoveTo(chain.Layer(11));
        chain.Read(3).Should().Equal(TestChain.All(9));
    }

    [Fact]
    public void A_renewed_volume_forgets_what_was_known_and_what_is_on_its_way()
    {
        using TestChain chain = new(2);
        chain.Put(1, 3, TestChain.Whole(1));
        chain.Table.ActBefore(1, () =>
        {
            chain.Tree.Put(chain.Volume.Head.Record with { VisibleChunks = 3 });
            chain.Volume.RenewMapId();
        });
        chain.Read(3).Should().Equal(TestChain.All(-1), "the volume was cut off before the walk ended");
        chain.Read(3).Should().Equal(TestChain.All(-1));
    }

    [Fact]
    public void A_search_for_records_misses_none_that_moves_up_past_it()
    {
        using TestChain chain = new(3);
        chain.Put(1, 3, TestChain.Whole(1));
        chain.Reader.NextChunkWithRecords(chain.Volume.Head, 0, 100).Should().Be(0);
        chain.Reader.NextChunkWithRecords(chain.Volume.Head, 32, 100).Should().Be(-1);
        chain.Move(1, 2, 3, 1);
        chain.EndMerge(1, 2);
        chain.Reader.NextChunkWithRecords(chain.Volume.Head, 3, 100).Should().Be(3);
        chain.Reader.NextChunkWithRecords(chain.Volume.Head, 0, 0).Should().Be(-1);
    }

    /// <summary>A group goes up and down between two layers; it is in one of them at any time, and a search from the top must find it.</summary>
    [Fact]
    public void A_search_beside_a_merge_always_finds_what_moves()
    {
        const int Searches = 300_000;
        using TestChain chain = new(2);
        (GroupSet lower, GroupSet upper) = (chain.Layer(1).Groups, chain.Layer(2).Groups);
        lower.Add(7);
        bool ended = false;
        Thread mover = new(() =>
        {
            while (!Volatile.Read(ref ended))
            {
                upper.Add(7);
                chain.Moves.NoteGroupLeft();
                lower.Remove(7);
                lower.Add(7);
                upper.Remove(7);
            }
        });
        mover.Start();
        int missed = 0;
        for (int i = 0; i < Searches; i++)
        {
            missed += chain.Reader.NextChunkWithRecords(chain.Volume.Head, 0, long.MaxValue) == 7 * IExceptionTable.GroupChunks ? 0 : 1;
        }

        Volatile.Write(ref ended, true);
        mover.Join();
        missed.Should().Be(0);
    }

    /// <summary>The view that a walk for a whole group began with is another one when it ends.</summary>
    [Fact]
    public void A_walk_for_a_group_that_is_overtaken_by_another_view_keeps_nothing()
    {
        using TestChain chain = new(8);
        FillLayers(chain, 8);
        chain.Put(1, 5, TestChain.Whole(5));
        chain.Table.ActBefore(8, () =>
        {
            chain.Snapshot();
            chain.Move(8, 9, 3, 77);
            chain.Move(1, 9, 5, 78);
            chain.EndMerge(8, 9);
        });
        chain.Read(3).Should().Equal(TestChain.All(77));
        chain.Read(5).Should().Equal(TestChain.All(78));
    }

    private static void FillLayers(TestChain chain, int layers)
    {
        for (uint layer = 1; layer <= layers; layer++)
        {
            chain.Put(layer, 3, TestChain.Whole(layer));
        }
    }
}
