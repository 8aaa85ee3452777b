using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Many clones or snapshots by one call: all or none, at one instant, and not dearer than they must be.</summary>
public sealed class BatchTests(ITestOutputHelper output)
{
    private const int Chunk = TestPool.ChunkBytes;

    /// <summary>Records hold a quarter of a segment: a batch takes several, and several segments.</summary>
    private static readonly PoolOpenOptions SmallRecords = EngineOptions.Quiet with { JournalSegmentBytes = 16 << 10 };

    [Fact]
    public void A_thousand_clones_are_there_at_once_each_a_volume_of_its_own()
    {
        using TestPool test = TestPool.Create(64);
        byte[] content = TestPool.Pattern(1, 3 * Chunk);
        using VolumeHandle vm1 = test.Volume("vm1", 4L << 30);
        vm1.Write(Chunk, content);
        int before = test.Disk.IoCount;

        IReadOnlyList<VolumeInfo> clones = test.Pool.Clone("vm1", Names("c", 1000));

        (test.Disk.IoCount - before).Should().BeLessThan(30, "it is one commit, and a record for hundreds of them");
        clones.Select(clone => clone.Name).Should().Equal(Names("c", 1000));
        clones.Should().OnlyContain(clone => clone.SizeBytes == 4L << 30 && clone.Origin == "vm1" && !clone.IsReadOnly);
        vm1.Write(Chunk, new byte[Chunk]);
        using (VolumeHandle clone = test.Handle("c-0500"))
        {
            clone.Write(Chunk, TestPool.Pattern(2, 4096));
        }

        test.KillAndReopen();
        foreach ((string name, int seed) in (ReadOnlySpan<(string, int)>)[("c-0001", 1), ("c-0499", 1), ("c-0500", 2), ("c-1000", 1)])
        {
            byte[] start = new byte[4096];
            using VolumeHandle clone = test.Handle(name);
            clone.Read(Chunk, start);
            start.Should().Equal(TestPool.Pattern(seed, 3 * Chunk)[..4096], name);
        }

        test.MustBeClean();
    }

    [Fact]
    public void One_name_that_is_taken_refuses_all_of_them()
    {
        using TestPool test = TestPool.Create(8);
        test.Pool.CreateVolume("vm1", Chunk);
        test.Pool.CreateVolume("c-0099", Chunk);
        test.Pool.CreateSnapshot("vm1", "vm1@s");
        string[] before = Listed(test.Pool);
        int layers = test.Pool.Check().Layers;

        Refused(PoolErrorKind.Exists, () => test.Pool.Clone("vm1", Names("c", 100)));
        Refused(PoolErrorKind.Usage, () => test.Pool.Clone("vm1", ["a", "b", "a"]));
        Refused(PoolErrorKind.Usage, () => test.Pool.Clone("vm1", ["a", "b@c"]));
        Refused(PoolErrorKind.Usage, () => test.Pool.Clone("vm1", []));
        Refused(PoolErrorKind.Usage, () => test.Pool.Clone("vm1", Names("d", 10_001)));
        Refused(PoolErrorKind.NotFound, () => test.Pool.Clone("vm2", Names("d", 3)));

        Listed(test.Pool).Should().Equal(before);
        test.Pool.Check().Layers.Should().Be(layers);
        test.CloseAndReopen();
        Listed(test.Pool).Should().Equal(before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_crash_at_any_io_all_of_a_batch_are_there_or_none(bool snapshots)
    {
        using TestPool test = TestPool.Create(64, options: SmallRecords);
        string[] volumes = snapshots ? Names("v", 150) : ["vm1"];
        foreach (string volume in volumes)
        {
            test.Pool.CreateVolume(volume, Chunk);
        }

        using (VolumeHandle first = test.Handle(volumes[0]))
        {
            first.Write(0, TestPool.Pattern(3, Chunk));
            first.Flush();
        }

        string[] before = Listed(test.Pool);
        int start = test.Disk.IoCount;
        if (snapshots)
        {
            test.Pool.CreateSnapshots([.. volumes.Select(volume => (volume, VolumeName.Snapshot(volume, "s")))]);
        }
        else
        {
            test.Pool.Clone("vm1", Names("c", 300));
        }

        string[] after = Listed(test.Pool);
        int end = test.Disk.IoCount;
        (end - start).Should().BeGreaterThan(4, "the batch takes several records");
        int made = 0;
        for (int io = start; io <= end; io++)
        {
            made += VerifyWhole(test.Disk.AfterKill(io), before, after, $"killed after I/O {io}");
            VerifyWhole(test.Disk.AfterPowerCut(io, io), before, after, $"power cut after I/O {io}, seed {io}");
        }

        VerifyWhole(test.Disk.AfterPowerCut(end, end), after, after, "power cut when the call had returned").Should().Be(1);
        output.WriteLine($"{made} of {end - start + 1} kills leave the batch whole, the others nothing of it");
        made.Should().BeInRange(1, end - start);
    }

    [Fact]
    public void A_batch_that_the_journal_has_no_room_for_leaves_nothing_and_the_next_one_is_whole()
    {
        using TestPool test = TestPool.Create(64, options: SmallRecords);
        test.Pool.CreateVolume("vm1", Chunk);
        const SimulatedIoKind growing = SimulatedIoKind.Create | SimulatedIoKind.Allocate;
        SimulatedFault full = test.Disk.Inject(new SimulatedFault(TestPool.JournalFiles, growing, Errno.ENOSPC) { IsSticky = true });
        FluentActions.Invoking(() => test.Pool.Clone("vm1", Names("c", 3000))).Should().Throw<StorageException>()
            .Which.ErrorNumber.Should().Be(Errno.ENOSPC);
        full.Hits.Should().BePositive();
        test.Disk.ClearFaults();
        Listed(test.Pool).Should().Equal("vm1");

        test.Pool.Checkpoint();
        test.Pool.Clone("vm1", Names("d", 200));

        test.KillAndReopen();
        Listed(test.Pool).Should().Equal([.. Names("d", 200), "vm1"]);
        test.MustBeClean();
    }

    [Fact]
    public void Thousands_of_volumes_are_snapshotted_at_one_instant()
    {
        const int count = 2000;
        using TestPool test = TestPool.Create(8);
        test.Pool.CreateVolume("vm1", Chunk);
        test.Pool.Clone("vm1", Names("c", count));

        test.Pool.CreateSnapshots([.. Names("c", count).Select(name => (name, VolumeName.Snapshot(name, "s")))]).Should().HaveCount(count);

        test.KillAndReopen();
        test.Pool.Status().SnapshotCount.Should().Be(count);
        test.MustBeClean();
    }

    private static int VerifyWhole(SimulatedDisk disk, string[] before, string[] after, string when)
    {
        using ThinPool pool = ThinPool.Open(disk, SmallRecords);
        string[] names = Listed(pool);
        if (!names.SequenceEqual(before) && !names.SequenceEqual(after))
        {
            throw new InvalidOperationException($"{when}: {names.Length} names are there, of {before.Length} before and {after.Length} after");
        }

        pool.Check().Problems.Should().BeEmpty(when);
        byte[] content = PoolContent.Read(pool, names[^1]);
        content.Should().Equal(names[^1] == "vm1" ? TestPool.Pattern(3, Chunk) : new byte[Chunk], when);
        return names.SequenceEqual(after) ? 1 : 0;
    }

    private static string[] Names(string prefix, int count) => [.. Enumerable.Range(1, count).Select(number => $"{prefix}-{number:d4}")];

    private static string[] Listed(ThinPool pool) => [.. pool.Volumes(withExclusive: false).Select(volume => volume.Name)];

    private static void Refused(PoolErrorKind kind, Action action) => action.Should().Throw<PoolException>().Which.Kind.Should().Be(kind);
}
