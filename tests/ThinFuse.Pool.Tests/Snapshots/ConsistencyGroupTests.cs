using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Snapshots;

/// <summary>Snapshots of several volumes beside writers that count: each shows all that was acknowledged before, and nothing that began afterwards.</summary>
public sealed class ConsistencyGroupTests
{
    private const int Volumes = 3;
    private const int Groups = 40;

    [Fact]
    public void No_acknowledged_write_is_missing_from_a_group_and_none_that_began_later_is_in_it()
    {
        using TestPool test = TestPool.Create(512);
        string[] names = [.. Enumerable.Range(0, Volumes).Select(i => $"vm{i}")];
        VolumeHandle[] handles = [.. names.Select(name => test.Volume(name, 1 << 20))];
        long[] begun = new long[Volumes];
        long[] acknowledged = new long[Volumes];
        using CancellationTokenSource enough = new();
        BackgroundCall[] writers =
        [
            .. handles.Select((handle, i) => BackgroundCall.Start($"write {names[i]}", () => Count(handle, i, begun, acknowledged, enough.Token))),
        ];

        for (int group = 0; group < Groups; group++)
        {
            long[] before = [.. Enumerable.Range(0, Volumes).Select(i => Volatile.Read(ref acknowledged[i]))];
            test.Pool.CreateSnapshots([.. names.Select(name => (name, $"{name}@{group}"))]);
            long[] after = [.. Enumerable.Range(0, Volumes).Select(i => Volatile.Read(ref begun[i]))];
            for (int i = 0; i < Volumes; i++)
            {
                long shown = ReadCount(test.Pool, $"{names[i]}@{group}");
                shown.Should().BeInRange(before[i], after[i], $"{names[i]} in group {group}");
            }
        }

        enough.Cancel();
        Array.ForEach(writers, writer => writer.Finish());
        acknowledged.Should().OnlyContain(count => count > 0);
        Array.ForEach(handles, handle => handle.Dispose());
        test.MustBeClean();
    }

    private static void Count(VolumeHandle handle, int index, long[] begun, long[] acknowledged, CancellationToken enough)
    {
        for (long count = 1; !enough.IsCancellationRequested; count++)
        {
            Volatile.Write(ref begun[index], count);
            handle.Write(4096 * (count % 16), BitConverter.GetBytes(count));
            Volatile.Write(ref acknowledged[index], count);
        }
    }

    /// <summary>The count written last: the highest in any of the places that take turns.</summary>
    private static long ReadCount(ThinPool pool, string name)
    {
        byte[] content = PoolContent.Read(pool, name);
        return Enumerable.Range(0, 16).Max(i => BitConverter.ToInt64(content, 4096 * i));
    }
}
