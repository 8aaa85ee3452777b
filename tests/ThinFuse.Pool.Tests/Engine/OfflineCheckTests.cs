using System.Security.Cryptography;
using ThinFuse.Pool.Tests.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>The offline check of pools on a real filesystem: what it says, and that it leaves every byte as it is.</summary>
public sealed class OfflineCheckTests
{
    private const int Chunk = 64 << 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sound_pool_is_clean_and_unchanged_closed_or_killed(bool killed)
    {
        using TemporaryDirectory directory = new();
        string pool = Make(directory, killed);
        SortedDictionary<string, string> before = Hashes(pool);
        CheckReport report = ThinPool.CheckOffline(pool);
        report.Problems.Should().BeEmpty();
        report.Volumes.Should().Be(2);
        report.OwnedExtents.Should().Be(3);
        Hashes(pool).Should().Equal(before);
        using ThinPool opened = ThinPool.Open(pool, EngineOptions.Quiet);
        PoolContent.Read(opened, "vm1")[..(2 * Chunk)].Should().Equal([.. TestPool.Pattern(2, Chunk), .. TestPool.Pattern(1, 2 * Chunk)[Chunk..]]);
    }

    [Theory]
    [InlineData("image-*", CheckProblemKinds.Image)]
    [InlineData("nodes/n-0.data", CheckProblemKinds.Node)]
    [InlineData("table/*.checkpoint", CheckProblemKinds.Table)]
    [InlineData("journal/*0", CheckProblemKinds.Journal)]
    public void A_damaged_pool_is_told_and_unchanged(string pattern, string kind)
    {
        using TemporaryDirectory directory = new();
        string pool = Make(directory, killed: true);
        Zero(pool, pattern);

        SortedDictionary<string, string> before = Hashes(pool);
        ThinPool.CheckOffline(pool).Problems.Should().ContainSingle().Which.Kind.Should().Be(kind);
        Hashes(pool).Should().Equal(before);
    }

    [Fact]
    public void Damage_in_several_places_is_told_for_each()
    {
        using TemporaryDirectory directory = new();
        string pool = Make(directory, killed: true);
        foreach (string pattern in (string[])["nodes/n-0.data", "table/*.checkpoint", "journal/*0"])
        {
            Zero(pool, pattern);
        }

        ThinPool.CheckOffline(pool).Problems.Select(problem => problem.Kind).Should().BeEquivalentTo(
            [CheckProblemKinds.Node, CheckProblemKinds.Table, CheckProblemKinds.Journal]);
    }

    [Fact]
    public void A_superblock_that_is_damaged_in_both_places_ends_the_check()
    {
        using TemporaryDirectory directory = new();
        string pool = Make(directory, killed: true);
        File.WriteAllBytes(Path.Combine(pool, "superblock"), new byte[8192]);

        Action check = () => ThinPool.CheckOffline(pool);

        check.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.Damaged);
    }

    [Fact]
    public void What_is_no_pool_is_not_found_and_not_made_one()
    {
        using TemporaryDirectory directory = new();
        Action missing = () => ThinPool.CheckOffline(Path.Combine(directory.FullPath, "nothing"));
        missing.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NotFound);
        Action empty = () => ThinPool.CheckOffline(directory.FullPath);
        empty.Should().Throw<PoolException>().Which.Kind.Should().Be(PoolErrorKind.NotFound);
        System.IO.Directory.GetFileSystemEntries(directory.FullPath).Should().BeEmpty();
    }

    private static void Zero(string pool, string pattern)
    {
        foreach (string file in System.IO.Directory.GetFiles(pool, pattern))
        {
            using FileStream stream = File.OpenWrite(file);
            stream.Write(new byte[8192]);
        }
    }

    private static string Make(TemporaryDirectory directory, bool killed)
    {
        string path = Path.Combine(directory.FullPath, "pool");
        ThinPool.Create(path, EngineOptions.Pool(16 * Chunk, Chunk));
        ThinPool pool = ThinPool.Open(path, EngineOptions.Quiet);
        pool.CreateVolume("vm1", 8 * Chunk);
        using (VolumeHandle handle = pool.Open(pool.Find("vm1")!.Id))
        {
            handle.Write(0, TestPool.Pattern(1, 2 * Chunk));
            pool.CreateSnapshot("vm1", "vm1@s");
            handle.Write(0, TestPool.Pattern(2, Chunk));
        }

        if (killed)
        {
            pool.Abandon();
        }
        else
        {
            pool.Dispose();
        }

        return path;
    }

    /// <summary>Everything but the lock, which says who looked last.</summary>
    private static SortedDictionary<string, string> Hashes(string directory)
    {
        SortedDictionary<string, string> hashes = new(StringComparer.Ordinal);
        foreach (string file in System.IO.Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            using FileStream stream = File.OpenRead(file);
            hashes[file] = Convert.ToHexString(SHA256.HashData(stream)) + $" {stream.Length} {File.GetLastWriteTimeUtc(file).Ticks}";
        }

        return hashes;
    }
}
