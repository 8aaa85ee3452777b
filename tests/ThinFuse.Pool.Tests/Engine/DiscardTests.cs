using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>What a discard frees, to the byte: whole chunks, parts of them, shared ones, the last one.</summary>
public sealed class DiscardTests : IDisposable
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;
    private const int Extents = 64;

    private readonly TestPool _test = TestPool.Create(Extents);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_shared_chunk_is_not_freed_and_one_that_was_shared_is()
    {
        using VolumeHandle volume = _test.Volume("vm1", Extents * Chunk);
        byte[] content = TestPool.Pattern(1, 4 * Chunk);
        volume.Write(0, content);
        _test.Pool.CreateSnapshot("vm1", "vm1@s");

        volume.Punch(0, 2 * Chunk);

        MustHold(4);
        _test.Read("vm1@s").AsSpan(0, content.Length).SequenceEqual(content).Should().BeTrue("a discard is the volume's own");
        _test.Read("vm1").AsSpan(0, 2 * Chunk).IndexOfAnyExcept((byte)0).Should().Be(-1);
        _test.Pool.Delete("vm1@s");
        _test.Pool.ReclaimNow();
        MustHold(2);
        volume.Punch(2 * Chunk, 2 * Chunk);
        MustHold(0);
        _test.MustBeClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_chunk_is_freed_with_the_last_of_its_blocks_in_whatever_order_they_go(int seed)
    {
        using VolumeHandle volume = _test.Volume("vm1", Extents * Chunk);
        volume.Write(0, TestPool.Pattern(seed, Chunk));
        int[] blocks = [.. Enumerable.Range(0, Chunk / Block)];
        new Random(seed).Shuffle(blocks);
        foreach (int block in blocks)
        {
            MustHold(1);
            volume.Punch(block * Block, Block);
        }

        MustHold(0);
        _test.MustBeClean();
    }

    [Fact]
    public void Of_alternate_chunks_each_second_is_freed()
    {
        using VolumeHandle volume = _test.Volume("vm1", Extents * Chunk);
        byte[] content = TestPool.Pattern(1, 32 * Chunk);
        volume.Write(0, content);
        for (int chunk = 0; chunk < 32; chunk += 2)
        {
            volume.Punch(chunk * Chunk, Chunk);
            content.AsSpan(chunk * Chunk, Chunk).Clear();
        }

        MustHold(16);
        _test.Read("vm1").AsSpan(0, content.Length).SequenceEqual(content).Should().BeTrue();
        _test.MustBeClean();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_sectors_are_zeroed_exactly_and_no_block_outlives_its_last_byte(int seed)
    {
        const int chunks = 8;
        Random random = new(seed);
        using VolumeHandle volume = _test.Volume("vm1", chunks * Chunk);
        byte[] content = TestPool.Pattern(seed, chunks * Chunk);
        volume.Write(0, content);
        for (int i = 0; i < 200; i++)
        {
            int first = random.Next(chunks * Chunk / 512) * 512;
            int length = Math.Min(random.Next(1, 100) * 512, (chunks * Chunk) - first);
            volume.Punch(first, length);
            content.AsSpan(first, length).Clear();
        }

        _test.Read("vm1").AsSpan().SequenceEqual(content).Should().BeTrue($"seed {seed}");
        volume.Punch(0, chunks * Chunk);
        MustHold(0);
        _test.MustBeClean();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(Block + 1536)]
    [InlineData(Chunk - 512)]
    public void The_part_of_a_chunk_that_ends_the_volume_is_freed_as_a_whole(int tailBytes)
    {
        using VolumeHandle volume = _test.Volume("vm1", Chunk + tailBytes);
        volume.Write(0, TestPool.Pattern(1, Chunk + tailBytes));
        MustHold(2);
        volume.Punch(Chunk, tailBytes);
        MustHold(1);
        _test.MustBeClean();
    }

    [Fact]
    public void A_pool_without_changes_writes_nothing()
    {
        using VolumeHandle volume = _test.Volume("vm1", Chunk);
        volume.Write(0, TestPool.Pattern(1, Chunk));
        _test.Pool.Commit();
        int before = _test.Disk.IoCount;

        volume.Read(0, new byte[Chunk]);
        _test.Pool.Commit();
        _test.Pool.MaintainNow();
        volume.Flush();

        _test.Disk.IoCount.Should().Be(before);
    }

    private void MustHold(int chunks) => _test.Pool.Status().AllocatedBytes.Should().Be(chunks * Chunk);
}
