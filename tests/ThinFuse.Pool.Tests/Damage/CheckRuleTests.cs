using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Building;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Damage;

/// <summary>Each rule between sound structures is seen by the check when it is broken, and told with the volume and place it touches.</summary>
public sealed class CheckRuleTests
{
    private const int Chunk = SamplePool.Chunk;
    private const ushort All = 0xF;

    [Fact]
    public void A_pool_that_breaks_no_rule_is_clean()
    {
        CheckReport report = Check((builder, layer) => builder.Put(layer, 3, new ChunkException(5, All, 0)));

        report.Problems.Should().BeEmpty();
        report.OwnedExtents.Should().Be(1);
    }

    [Fact]
    public void An_extent_with_two_owners_is_told_for_the_second()
    {
        CheckReport report = Check((builder, layer) =>
        {
            builder.Put(layer, 3, new ChunkException(5, All, 0));
            builder.Put(layer, 4, new ChunkException(5, All, 0));
            builder.Put(layer, 70, new ChunkException(5, All, 0));
        });

        report.Problems.Select(problem => (problem.Kind, problem.Volume, problem.OffsetBytes)).Should().Equal(
            (CheckProblemKinds.Extent, "vm1", 4 * Chunk), (CheckProblemKinds.Extent, "vm1", 70 * Chunk));
        report.Problems[0].Message.Should().Contain("vm1").And.Contain("another owner");
    }

    [Fact]
    public void An_extent_that_does_not_exist_is_told()
    {
        CheckReport report = Check((builder, layer) => builder.Put(layer, 1, new ChunkException(99_999, All, 0)));

        report.Problems.Should().ContainSingle(problem => problem.Kind == CheckProblemKinds.Extent && problem.OffsetBytes == Chunk);
    }

    [Theory]
    [InlineData(5, 0x2, 0x2)]
    [InlineData(5, 0x13, 0)]
    [InlineData(5, 0, 0x1)]
    [InlineData(-1, 0x1, 0)]
    public void Masks_that_contradict_each_other_are_told(long extent, int present, int zero)
    {
        CheckReport report = Check((builder, layer) => builder.Put(layer, 2, new ChunkException(extent, (ushort)present, (ushort)zero)));

        report.Problems.Should().ContainSingle().Which.Should().Match<CheckProblem>(
            problem => problem.Kind == CheckProblemKinds.Mask && problem.Volume == "vm1" && problem.OffsetBytes == 2 * Chunk);
    }

    [Fact]
    public void A_group_that_the_layers_list_misses_is_told()
    {
        CheckReport report = Check((builder, layer) => builder.Table.Put(layer.Id, 64, new ChunkException(5, All, 0)));

        report.Problems.Should().ContainSingle().Which.Should().Match<CheckProblem>(
            problem => problem.Kind == CheckProblemKinds.Groups && problem.Volume == "vm1" && problem.OffsetBytes == 64 * Chunk);
    }

    [Fact]
    public void Exceptions_of_a_layer_that_does_not_exist_are_told()
    {
        CheckReport report = Check((builder, _) => builder.Table.Put(77, 0, new ChunkException(5, All, 0)));

        report.Problems.Should().ContainSingle().Which.Message.Should().Contain("layer 77");
    }

    [Fact]
    public void A_writable_volume_whose_layer_others_read_through_is_told()
    {
        CheckReport report = Check((builder, layer) =>
        {
            EntryWriter entries = new(new byte[2 * EntryWriter.MaxEntryBytes]);
            entries.LayerPut(new LayerRecord(9, layer.Id, 1));
            entries.VolumePut(new VolumeRecord(9, "vm9", VolumeKind.Volume, 9, 0, 0, 0, 0, 0x180));
            builder.State.Apply(entries.Written);
        });

        report.Problems.Should().ContainSingle().Which.Should().Match<CheckProblem>(
            problem => problem.Kind == CheckProblemKinds.Volume && problem.Volume == "vm1" && problem.Message.Contains("others depend"));
    }

    [Fact]
    public void The_check_tells_a_hundred_problems_and_ends()
    {
        CheckReport report = Check((builder, layer) =>
        {
            for (int chunk = 0; chunk < 300; chunk++)
            {
                builder.Put(layer, chunk, new ChunkException(5, All, 0));
            }
        });

        report.Problems.Should().HaveCount(100);
    }

    /// <summary>Checks a pool with one volume of 400 chunks, and what is put into its layer.</summary>
    private static CheckReport Check(Action<PoolBuilder, Layer> fill)
    {
        SimulatedDisk disk = new();
        ThinPool.Create(disk, EngineOptions.Pool(64 * Chunk, Chunk));
        Superblock superblock = Superblock.Read(disk);
        MetadataState before = MetadataImage.Read(disk, superblock);
        SamplePool.Wipe(disk);
        using (PoolBuilder builder = new(disk, superblock.PoolId, new Geometry(Chunk)))
        {
            EntryWriter entries = new(new byte[3 * EntryWriter.MaxEntryBytes]);
            entries.NodePut(before.Nodes.Single());
            entries.LayerPut(new LayerRecord(1, 0, 0));
            entries.VolumePut(new VolumeRecord(1, "vm1", VolumeKind.Volume, 1, 400 * Chunk, 0, 0, 0, 0x180));
            builder.State.Apply(entries.Written);
            fill(builder, builder.State.Tree.Find(1)!);
            builder.Finish(force: false);
        }

        return SamplePool.Check(disk);
    }
}
