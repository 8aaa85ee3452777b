using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Commands;

/// <summary>A pool that is damaged is called damaged, by every command that opens it.</summary>
public sealed class DamageTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Damaged = 6;

    [SkippableFact]
    public void A_damaged_superblock_is_told()
    {
        PoolFixture pool = NewPool("64M");
        string superblock = Path.Combine(pool.PoolDirectory, "superblock");
        byte[] content = File.ReadAllBytes(superblock);
        for (int at = 100; at < content.Length; at += 512)
        {
            content[at] ^= 0xFF;
        }

        File.WriteAllBytes(superblock, content);

        MustBeDamaged(pool, "superblock");
    }

    [SkippableFact]
    public void Any_damaged_metadata_file_is_told_or_does_no_harm()
    {
        PoolFixture pool = NewMountedPool("64M");
        string volume = pool.CreateVolume("vm1", "16M");
        byte[] content = new byte[4 << 20];
        Random random = Seeded(15);
        random.NextBytes(content);
        File.WriteAllBytes(volume, content);
        pool.Snapshot("vm1", "s");
        pool.Unmount();

        string backup = Path.Combine(pool.Home, "backup");
        foreach (string file in MetadataFiles(pool))
        {
            File.Copy(file, backup, overwrite: true);
            Flip(file, random);
            string name = Path.GetRelativePath(pool.PoolDirectory, file);
            ToolResult check = ThinFuseProgram.Run("pool", "check", pool.PoolDirectory);
            Output.WriteLine($"{name}: {check.ExitCode} {check.Errors}{check.Output}");

            check.ExitCode.Should().BeOneOf([0, Damaged], name);
            if (check.ExitCode == 0)
            {
                // What the check calls sound has to read as it was written.
                pool.Mount();
                File.ReadAllBytes(pool.PathOf("vm1")).AsSpan(0, content.Length).SequenceEqual(content).Should().BeTrue(name);
                File.ReadAllBytes(pool.PathOf("vm1@s")).AsSpan(0, content.Length).SequenceEqual(content).Should().BeTrue(name);
                return;
            }

            ThinFuseProgram.Run("mount", pool.PoolDirectory, pool.MountPoint).MustExit(Damaged);
            File.Copy(backup, file, overwrite: true);
        }

        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_missing_node_is_named()
    {
        PoolFixture pool = NewPool("64M");
        string node = Node(pool);
        File.Move(node, node + ".away");

        MustBeDamaged(pool, node);

        File.Move(node + ".away", node);
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_node_that_is_shorter_than_recorded_is_named()
    {
        PoolFixture pool = NewPool("64M");
        string node = Node(pool);
        using (FileStream file = File.OpenWrite(node))
        {
            file.SetLength(file.Length / 2);
        }

        MustBeDamaged(pool, node);
    }

    private static string Node(PoolFixture pool) => pool.Status().GetProperty("nodes")[0].GetProperty("path").GetString()!;

    private static IReadOnlyList<string> MetadataFiles(PoolFixture pool) =>
        [.. Directory.GetFiles(pool.PoolDirectory, "*", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(Path.Combine(pool.PoolDirectory, "nodes"), StringComparison.Ordinal))
            .Where(file => Path.GetFileName(file) is not ("lock" or "daemon.log" or "daemon.log.old" or "control.sock"))
            .Order()];

    /// <summary>Changes a few bytes in the part of a file that is not zero.</summary>
    private static void Flip(string path, Random random)
    {
        byte[] content = File.ReadAllBytes(path);
        int used = content.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        for (int i = 0; i < 16 && used > 0; i++)
        {
            content[random.Next(used)] ^= (byte)random.Next(1, 256);
        }

        File.WriteAllBytes(path, content);
    }

    private static void MustBeDamaged(PoolFixture pool, string words)
    {
        foreach (string[] command in new string[][]
        {
            ["pool", "status", pool.PoolDirectory], ["pool", "check", pool.PoolDirectory], ["mount", pool.PoolDirectory, pool.MountPoint],
        })
        {
            ToolResult refused = ThinFuseProgram.Run(command).MustExit(Damaged);
            (refused.Errors + refused.Output).Should().Contain(words);
        }

        MountEntry.IsMounted(pool.MountPoint).Should().BeFalse();
    }
}
