using ThinFuse.Pool.Exceptions;

namespace ThinFuse.Pool.Tests.Exceptions;

/// <summary>What the table must hold, kept in plain collections, and random puts to both.</summary>
internal sealed class TableModel(Random random, int layers, int groupsPerLayer)
{
    private Dictionary<(uint Layer, long Chunk), ChunkException> _exceptions = [];

    internal static ChunkException AnyException(Random random) => random.Next(4) == 0
        ? ChunkException.ZeroOnly((ushort)random.Next(1, 1 << 16))
        : new ChunkException(random.NextInt64(1L << 39), (ushort)random.Next(1, 1 << 16), 0);

    internal TableModel Clone() => new(random, layers, groupsPerLayer) { _exceptions = new(_exceptions) };

    /// <summary>Puts to the model and a table; one in <paramref name="removal"/> puts removes.</summary>
    internal void PutSome(IExceptionTable table, int count, int removal = 4)
    {
        for (int i = 0; i < count; i++)
        {
            Put(table, AnyKey(), random.Next(removal) == 0 ? default : AnyException(random));
        }
    }

    /// <summary>Puts neighbours to the model and a table; in one of four ranges they are removed.</summary>
    internal void PutRanges(IExceptionTable table, int count)
    {
        for (int i = 0; i < count; i++)
        {
            (uint layer, long chunk) = AnyKey();
            ChunkException[] range = new ChunkException[random.Next(1, IExceptionTable.GroupChunks - (int)(chunk % IExceptionTable.GroupChunks) + 1)];
            bool isRemoval = random.Next(4) == 0;
            for (int j = 0; j < range.Length; j++)
            {
                range[j] = isRemoval || random.Next(8) == 0 ? default : AnyException(random);
                Note((layer, chunk + j), range[j]);
            }

            table.PutRange(layer, chunk, range);
        }
    }

    internal void Put(IExceptionTable table, (uint Layer, long Chunk) key, ChunkException exception)
    {
        Note(key, exception);
        table.Put(key.Layer, key.Chunk, exception);
    }

    /// <summary>Empties whole groups, one by one.</summary>
    internal void RemoveGroups(IExceptionTable table, int count)
    {
        for (int i = 0; i < count; i++)
        {
            (uint layer, long chunk) = AnyKey();
            for (int j = 0; j < IExceptionTable.GroupChunks; j++)
            {
                Put(table, (layer, (chunk & -IExceptionTable.GroupChunks) + j), default);
            }
        }
    }

    internal void CheckSome(IExceptionTable table, int count)
    {
        for (int i = 0; i < count; i++)
        {
            (uint layer, long chunk) = AnyKey();
            table.Get(layer, chunk).Should().Be(_exceptions.GetValueOrDefault((layer, chunk)), $"layer {layer} chunk {chunk}");
        }
    }

    /// <summary>Compares every group.</summary>
    internal void CheckAll(IExceptionTable table, string because = "")
    {
        string? difference = FirstDifference(table);
        difference.Should().BeNull(because);
    }

    internal string? FirstDifference(IExceptionTable table)
    {
        ChunkException[] actual = new ChunkException[IExceptionTable.GroupChunks];
        for (uint layer = 0; layer < layers; layer++)
        {
            for (long group = 0; group < groupsPerLayer; group++)
            {
                bool found = table.GetGroup(layer, group, actual);
                bool any = false;
                for (int i = 0; i < actual.Length; i++)
                {
                    ChunkException expected = _exceptions.GetValueOrDefault((layer, (group * IExceptionTable.GroupChunks) + i));
                    any |= !expected.IsEmpty;
                    if (!actual[i].Equals(expected))
                    {
                        return $"layer {layer} group {group} chunk {i}: {actual[i]}, not {expected}";
                    }
                }

                if (found != any)
                {
                    return $"layer {layer} group {group}: found is {found}";
                }
            }
        }

        return null;
    }

    private void Note((uint Layer, long Chunk) key, ChunkException exception)
    {
        if (exception.IsEmpty)
        {
            _exceptions.Remove(key);
        }
        else
        {
            _exceptions[key] = exception;
        }
    }

    private (uint Layer, long Chunk) AnyKey() =>
        ((uint)random.Next(layers), random.NextInt64((long)groupsPerLayer * IExceptionTable.GroupChunks));
}
