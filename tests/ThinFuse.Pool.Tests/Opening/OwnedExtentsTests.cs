using System.Numerics;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Exceptions;

namespace ThinFuse.Pool.Tests.Opening;

/// <summary>What is owned is found by reading the log of the table's checkpoint through; it is what asking the table for every group finds.</summary>
public sealed class OwnedExtentsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_log_and_the_changes_since_tell_what_the_table_does(int seed)
    {
        using RecoveredTable recovered = new(seed);

        var fromLog = recovered.Take(owned => owned.Take(recovered.Log, recovered.Changes));
        var fromTable = recovered.Take(owned => owned.Take());

        fromLog.Should().BeEquivalentTo(fromTable, options => options.WithStrictOrdering(), $"seed {seed}");
        fromLog.Counts.Sum().Should().Be(fromLog.Owned.Sum(word => (long)BitOperations.PopCount(word))).And.BeGreaterThan(1000);
    }

    [Fact]
    public void Damaged_blocks_of_the_log_are_damage_of_the_table_and_never_free_extents()
    {
        using RecoveredTable recovered = new(seed: 4);
        foreach (string name in recovered.Disk.List(TableSizes.Directory).Where(name => name.StartsWith("log.", StringComparison.Ordinal)))
        {
            using IStorageFile file = recovered.Disk.Open($"{TableSizes.Directory}/{name}", StorageOpenMode.ReadWrite, StorageCaching.Cached);
            byte[] content = new byte[file.LengthBytes];
            file.Read(0, content);
            for (int at = 2000; at < content.Length; at += LogBlock.Bytes)
            {
                content[at] ^= 0x10;
            }

            file.Write(0, content);
        }

        recovered.Invoking(table => table.Take(owned => owned.Take(recovered.Log, recovered.Changes)))
            .Should().Throw<StorageException>().WithMessage("*/log.*");
    }

    [Fact]
    public void An_extent_with_two_owners_is_damage()
    {
        using RecoveredTable recovered = new(seed: 5);
        recovered.Changes.Put(1, 0, new ChunkException(RecoveredTable.ExtentCount - 1, 1, 0));
        recovered.Changes.Put(2, 77, new ChunkException(RecoveredTable.ExtentCount - 1, 1, 0));
        recovered.Changes.Flush();

        recovered.Invoking(table => table.Take(owned => owned.Take(recovered.Log, recovered.Changes)))
            .Should().Throw<PoolException>().WithMessage($"extent {RecoveredTable.ExtentCount - 1} of layer 2 is owned twice*");
    }

    [Fact]
    public void Changes_come_in_any_order_and_the_last_of_a_chunk_counts()
    {
        using RecoveredTable recovered = new(seed: 6);
        RecoveredChanges changes = recovered.Changes;
        ChunkException[] values = [.. Enumerable.Range(0, 6).Select(i => new ChunkException(60_000 + i, 1, 0))];
        changes.Put(1, 5, values[0]);
        changes.Put(1, 6, values[1]);
        changes.Put(1, 6, values[2]);
        changes.Put(1, 5, values[3]);
        changes.Put(1, 31, values[4]);
        changes.Put(1, 32, values[5]);
        changes.Put(9, 33, values[0]);
        changes.Flush();

        new[] { 5L, 6, 31, 32 }.Select(chunk => recovered.Table.Get(1, chunk)).Should().Equal(values[3], values[2], values[4], values[5]);
        recovered.Table.Get(9, 33).Should().Be(values[0]);
        changes.GroupsOf(1).Contains(0).Should().BeTrue();
        changes.GroupsOf(1).Contains(1).Should().BeTrue();
        changes.GroupsOf(9).IsEmpty.Should().BeTrue("there is no such layer");
    }
}
