using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Damage;

/// <summary>From a place on a node to those who read it.</summary>
public sealed class WhereIsTests
{
    private const int Chunk = TestPool.ChunkBytes;
    private const int Block = TestPool.BlockBytes;

    [Fact]
    public void Each_byte_of_every_volume_is_found_from_where_it_lies()
    {
        using TestPool test = TestPool.Create(32);
        using (VolumeHandle vm1 = test.Volume("vm1", 8 * Chunk))
        {
            vm1.Write(0, TestPool.Pattern(1, 3 * Chunk));
            test.Pool.CreateSnapshot("vm1", "vm1@s");
            vm1.Write(Chunk + Block, TestPool.Pattern(2, 2 * Block));
        }

        Dictionary<(string Volume, long Offset), byte[]> found = [];
        byte[] node = SamplePool.ReadFile(test.Disk, SamplePool.FirstNode);
        for (long slot = 0; slot < 32; slot++)
        {
            ExtentUse use = test.Pool.WhereIs(ExtentPlace.OnNode(0, Node.DataStartBytes + (slot * Chunk) + 5));
            use.Should().BeEquivalentTo(test.Pool.WhereIs(ExtentPlace.OfExtent(slot)));
            (use.State == ExtentState.Free).Should().Be(use.Layer is null);
            foreach (ExtentReader reader in use.Readers)
            {
                for (long at = 0; at < reader.LengthBytes; at += Block)
                {
                    found.Add((reader.Volume, reader.OffsetBytes + at), node[(int)(reader.NodeOffsetBytes + at)..(int)(reader.NodeOffsetBytes + at + Block)]);
                }
            }
        }

        found.Should().HaveCount(2 * 3 * Chunk / Block);
        foreach (string name in (string[])["vm1", "vm1@s"])
        {
            byte[] content = test.Read(name);
            for (int at = 0; at < 3 * Chunk; at += Block)
            {
                found[(name, at)].AsSpan().SequenceEqual(content.AsSpan(at, Block)).Should().BeTrue($"{name} at {at}");
            }
        }
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(0, 1L << 40)]
    [InlineData(9, 1 << 20)]
    public void A_place_that_holds_no_extent_is_a_usage_error(int node, long offsetBytes)
    {
        using TestPool test = TestPool.Create(4);

        Action find = () => test.Pool.WhereIs(ExtentPlace.OnNode(node, offsetBytes));

        find.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Usage);
    }
}
