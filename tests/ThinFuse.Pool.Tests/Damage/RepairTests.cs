using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Recovery.Salvage;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Damage;

/// <summary>What a repair saves, what it lists as lost, and that the new pool is sound whatever was damaged.</summary>
public sealed class RepairTests(ITestOutputHelper output)
{
    private const string NewPool = "/new";
    private const int SlotBytes = 4096;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sound_pool_is_saved_whole_and_the_old_one_is_out_of_use(bool close)
    {
        SamplePool sample = SamplePool.Make(close);
        SimulatedDisk disk = sample.Copy();

        RepairReport report = Repair(disk);

        report.Losses.Should().BeEmpty();
        report.Volumes.Should().Be(sample.Model.Files.Count);
        MustBeSound(disk, "new").ToList().Should().Equal(sample.Model.Files, Same);
        MustGoOn(disk);
        Action old = () => ThinPool.Open(disk, EngineOptions.Quiet).Dispose();
        old.Should().Throw<PoolException>().Which.Message.Should().Contain("other metadata");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_its_superblock_a_pool_is_saved_whole(bool close)
    {
        SamplePool sample = SamplePool.Make(close);
        SimulatedDisk disk = sample.Copy();
        SamplePool.Overwrite(disk, Superblock.FileName, 0, new byte[2 * SlotBytes]);

        Repair(disk).Losses.Should().BeEmpty();

        MustBeSound(disk, "no superblock").ToList().Should().Equal(sample.Model.Files, Same);
    }

    [Fact]
    public void A_node_without_its_label_is_taken_by_force()
    {
        SamplePool sample = SamplePool.Make(close: true);
        SimulatedDisk disk = sample.Copy();
        SamplePool.Overwrite(disk, SamplePool.FirstNode, 0, new byte[SlotBytes]);

        Action repair = () => Repair(disk);
        repair.Should().Throw<PoolException>().Which.Message.Should().Contain("--force");
        Repair(disk, force: true).Losses.Should().BeEmpty();

        MustBeSound(disk, "forced").ToList().Should().Equal(sample.Model.Files, Same);
    }

    [Fact]
    public void A_journal_with_a_hole_loses_the_hole_and_says_so()
    {
        SamplePool sample = SamplePool.Make(close: false);
        SimulatedDisk disk = sample.Copy();
        string segment = JournalInUse(disk);
        byte[] bytes = SamplePool.ReadFile(disk, segment);
        int used = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        SamplePool.Overwrite(disk, segment, used * 4 / 5, TestPool.Pattern(1, 16));

        RepairReport report = Repair(disk);

        report.Losses.Should().Contain(loss => loss.Message.Contains("journal"));
        SortedDictionary<string, byte[]> saved = MustBeSound(disk, "hole");
        saved["vm1@s"].Should().Equal(sample.Model["vm1@s"], "the snapshot is older than the hole");
    }

    [Fact]
    public void A_log_with_a_damaged_block_loses_what_was_there_and_says_so()
    {
        SamplePool sample = SamplePool.Make(close: true);
        SimulatedDisk disk = sample.Copy();
        SamplePool.Overwrite(disk, "table/log.0", 100, TestPool.Pattern(1, 16));
        SamplePool.Check(disk).Problems.Should().ContainSingle().Which.Kind.Should().Be(CheckProblemKinds.Table);

        RepairReport report = Repair(disk);

        report.Losses.Should().Contain(loss => loss.Message.Contains("table/log.0"));
        report.Losses.Should().Contain(loss => loss.Volumes.Count > 0 && loss.OffsetBytes != null);
        MustBeSound(disk, "block").Keys.Should().Equal(sample.Model.Files.Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Contents_keep_their_ids_only_where_nothing_is_lost(bool damage)
    {
        SimulatedDisk disk = SamplePool.Make(close: true).Copy();
        Guid id;
        using (TestPool test = TestPool.Open(disk))
        {
            id = test.Pool.ContentOf("vm1@s").ContentId;
        }

        if (damage)
        {
            SamplePool.Overwrite(disk, "table/log.0", 100, TestPool.Pattern(1, 16));
        }

        (Repair(disk).LossCount != 0).Should().Be(damage);

        using ThinPool pool = ThinPool.Open(new DirectoryOf(disk, NewPool), EngineOptions.Quiet, NewPool);
        (pool.ContentOf("vm1@s").ContentId == id).Should().Be(!damage);
    }

    [Fact]
    public void What_leaves_nothing_to_begin_with_is_refused_and_leaves_nothing_behind()
    {
        foreach (string prefix in (string[])["image-", "table/"])
        {
            SimulatedDisk disk = SamplePool.Make(close: true).Copy();
            string[] files = prefix == "table/"
                ? [.. disk.List("table").Where(name => name.EndsWith(".checkpoint", StringComparison.Ordinal)).Select(name => $"table/{name}")]
                : [.. disk.List(".").Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];
            Array.ForEach(files, disk.Delete);

            Action repair = () => Repair(disk);

            repair.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Damaged);
            disk.List(NewPool).SelectMany(name => disk.List($"{NewPool}/{name}")).Should().BeEmpty();
        }
    }

    /// <summary>Whatever is damaged at random, the new pool is sound, or too little was left; what the losses do not touch is as it was.</summary>
    [Fact]
    public void After_any_damage_the_new_pool_is_sound()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            Random random = new(seed);
            SamplePool sample = Samples[seed % 2].Value;
            SimulatedDisk disk = sample.Copy();
            string[] files =
            [
                .. disk.List("table").Where(name => name.StartsWith("log.0", StringComparison.Ordinal)).Select(name => $"table/{name}"), JournalInUse(disk), Superblock.FileName,
            ];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                string file = files[random.Next(files.Length)];
                int used = SamplePool.ReadFile(disk, file).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
                SamplePool.Overwrite(disk, file, random.Next(Math.Max(1, used)), TestPool.Pattern(seed, random.Next(1, 64)));
            }

            output.WriteLine($"seed {seed}");
            RepairReport report = Repair(disk);
            SortedDictionary<string, byte[]> saved = MustBeSound(disk, $"seed {seed}");
            if (report.LossCount == 0)
            {
                saved.ToList().Should().Equal(sample.Model.Files, Same, $"seed {seed}: nothing was said to be lost");
            }
        }
    }

    private static Lazy<SamplePool>[] Samples { get; } = [new(() => SamplePool.Make(close: true)), new(() => SamplePool.Make(close: false))];

    private static bool Same(KeyValuePair<string, byte[]> one, KeyValuePair<string, byte[]> other) =>
        one.Key == other.Key && one.Value.AsSpan().SequenceEqual(other.Value);

    private static string JournalInUse(SimulatedDisk disk) => disk.List("journal").Order(StringComparer.Ordinal).Select(name => $"journal/{name}")
        .First(path => path.Contains($"segment-{Superblock.Read(disk).JournalGeneration:x16}"));

    private static RepairReport Repair(SimulatedDisk disk, bool force = false)
    {
        disk.CreateDirectory(NewPool);
        return PoolRepair.Run(disk, new DirectoryOf(disk, NewPool), force);
    }

    /// <summary>A flatten that was under way goes on in the new pool as it was.</summary>
    private static void MustGoOn(SimulatedDisk disk)
    {
        using ThinPool pool = ThinPool.Open(new DirectoryOf(disk, NewPool), EngineOptions.Quiet, NewPool);
        pool.GoOnWithJobs();
        pool.Jobs.List().Should().ContainSingle().Which.Should().Match<JobInfo>(
            job => job.Volume == "vm3" && job.State == JobState.Paused && job.RateBytesPerSecond == 1 << 20);
    }

    /// <summary>Checks and opens the new pool; what its volumes hold.</summary>
    private static SortedDictionary<string, byte[]> MustBeSound(SimulatedDisk disk, string when)
    {
        IStorage storage = new DirectoryOf(disk, NewPool);
        OfflineCheck.Run(storage, NewPool, null).Problems.Should().BeEmpty(when);
        using ThinPool pool = ThinPool.Open(storage, EngineOptions.Quiet, NewPool);
        return new SortedDictionary<string, byte[]>(
            pool.Volumes(withExclusive: false).ToDictionary(volume => volume.Name, volume => PoolContent.Read(pool, volume.Name)), StringComparer.Ordinal);
    }
}
