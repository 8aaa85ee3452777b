using System.Diagnostics;
using System.Globalization;
using ThinFuse.Pool.Recovery.Salvage;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Damage;

/// <summary>
/// Every structure on the disk with bits flipped, cut short, made longer, in part zeroed, or as it was earlier: opening, check, dump and repair say that the
/// pool is damaged, or work and show what the pool held. Never another exception, a hang, or wrong data.
/// </summary>
/// <remarks>
/// A few seeds each run. With THINFUSE_FUZZ_SECONDS=N in the environment it goes on with further seeds for N seconds; each failure names the seed that
/// repeats it, and THINFUSE_FUZZ_SEED=SEED begins there.
/// </remarks>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int UsualSeeds = 60;
    private static readonly Lazy<SamplePool> Closed = new(() => SamplePool.Make(close: true));
    private static readonly Lazy<SamplePool> Killed = new(() => SamplePool.Make(close: false));

    [Fact]
    public void Damage_is_told_or_does_no_harm()
    {
        int first = Setting("THINFUSE_FUZZ_SEED");
        TimeSpan time = TimeSpan.FromSeconds(Setting("THINFUSE_FUZZ_SECONDS"));
        Stopwatch watch = Stopwatch.StartNew();
        int refused = 0;
        int seed = first;
        for (; seed < first + UsualSeeds || watch.Elapsed < time; seed++)
        {
            Random random = new(seed);
            SamplePool sample = random.Next(2) == 0 ? Closed.Value : Killed.Value;
            SimulatedDisk disk = sample.Copy();
            string what = $"seed {seed}: {Harm(sample, disk, random)}";
            output.WriteLine(what);
            Exception? failure = BackgroundCall.Start(what, () => refused += MustBeToldOrHarmless(sample, disk, what) ? 1 : 0).Join();
            failure.Should().BeNull(what);
        }

        output.WriteLine($"{seed - first} seeds, {refused} refused");
        refused.Should().BePositive("some of it is seen").And.BeLessThan(seed - first, "and some of it is in no use");
    }

    /// <summary>Damages one file of the pool; what was done.</summary>
    private static string Harm(SamplePool sample, SimulatedDisk copy, Random random)
    {
        string[] files =
        [
            .. copy.List(".").Where(name => name is not ("nodes" or "table" or "journal")),
            .. copy.List("table").Select(name => $"table/{name}"),
            .. copy.List("journal").Select(name => $"journal/{name}"),
        ];
        string file = files[random.Next(files.Length)];
        byte[] bytes = SamplePool.ReadFile(copy, file);
        int used = Math.Max(1, bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1);
        int at = random.Next(used);
        using IStorageFile opened = copy.Open(file, StorageOpenMode.ReadWrite, StorageCaching.Cached);
        switch (random.Next(5))
        {
            case 0:
                opened.Write(at, [(byte)(bytes.ElementAtOrDefault(at) ^ (1 << random.Next(8)))]);
                return $"{file}: a bit of byte {at} flipped";
            case 1:
                opened.SetLength(at);
                return $"{file}: cut to {at}";
            case 2:
                opened.Write(bytes.Length, TestPool.Pattern(at, 5000));
                return $"{file}: 5000 bytes longer";
            case 3:
                opened.Write(at & -4096, new byte[4096]);
                return $"{file}: the page at {at & -4096} zeroed";
            default:
                SimulatedDisk older = sample.Disk.AfterKill(random.Next(sample.Disk.IoCount / 2, sample.Disk.IoCount));
                if (!older.Exists(file))
                {
                    copy.Delete(file);
                    return $"{file}: missing";
                }

                byte[] earlier = SamplePool.ReadFile(older, file);
                opened.SetLength(0);
                opened.Write(0, earlier);
                return $"{file}: as it was earlier";
        }
    }

    /// <summary>Whether opening was refused.</summary>
    private static bool MustBeToldOrHarmless(SamplePool sample, SimulatedDisk disk, string what)
    {
        SimulatedDisk toRepair = disk.AfterKill(disk.IoCount);
        bool isSound = Told(() => SamplePool.Check(disk).Problems.Count == 0, what);
        bool isDumped = Told(() => SamplePool.Dump(disk).Length > 0, what);
        bool isOpened = Told(() => Open(sample, disk, what), what);
        if (isSound)
        {
            (isDumped && isOpened).Should().BeTrue($"{what}: what the check calls sound can be used");
        }

        Told(() => Repair(toRepair, what), what);
        return !isOpened;
    }

    /// <summary>Reads everything, and holds it against what the pool held; a journal that lost its end shows an earlier state.</summary>
    private static bool Open(SamplePool sample, SimulatedDisk disk, string what)
    {
        using ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet);
        pool.Check().Problems.Should().BeEmpty(what);
        SortedDictionary<string, byte[]> held = new(
            pool.Volumes(withExclusive: false).ToDictionary(volume => volume.Name, volume => PoolContent.Read(pool, volume.Name)), StringComparer.Ordinal);
        if (!what.Contains("journal/", StringComparison.Ordinal))
        {
            PoolContent.MustMatch(pool, sample.Model.Files, what);
        }

        return held.Count > 0;
    }

    private static bool Repair(SimulatedDisk disk, string what)
    {
        disk.CreateDirectory("/new");
        DirectoryOf fresh = new(disk, "/new");
        PoolRepair.Run(disk, fresh, force: false);
        using ThinPool pool = ThinPool.Open(fresh, EngineOptions.Quiet, "/new");
        pool.Check().Problems.Should().BeEmpty(what);
        return true;
    }

    /// <summary>The result, or false when the pool was said to be damaged.</summary>
    private static bool Told(Func<bool> call, string what)
    {
        try
        {
            return call();
        }
        catch (PoolException e) when (e.Kind is PoolErrorKind.Damaged or PoolErrorKind.NotFound)
        {
            e.Message.Should().NotBeNullOrWhiteSpace(what).And.NotContain("\n", what);
            return false;
        }
        catch (StorageException e) when (e.ErrorNumber == Errno.EIO)
        {
            return false;
        }
    }

    private static int Setting(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
}
