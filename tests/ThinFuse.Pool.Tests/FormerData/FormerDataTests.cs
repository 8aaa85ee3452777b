using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.FormerData;

/// <summary>What nobody wrote is zeros on every way by which an extent comes to a volume, never what a former owner had there.</summary>
public sealed class FormerDataTests(ITestOutputHelper output)
{
    private const int Chunk = MarkedPool.Chunk;
    private const int Block = Chunk / 16;

    public static TheoryData<string> Ways => [.. Scripts.Keys];

    private static readonly Dictionary<string, Action<MarkedPool>> Scripts = new()
    {
        ["a piece of a block"] = pool => pool.Write("vm1", 100, 3),
        ["a whole block"] = pool => pool.Write("vm1", 2 * Block, Block),
        ["unaligned edges over blocks"] = pool => pool.Write("vm1", Block - 1, Block + 2),
        ["unaligned edges over chunks"] = pool => pool.Write("vm1", Chunk - 7, (2 * Chunk) + 13),
        ["the last sector"] = pool => pool.Write("vm1", (8 * Chunk) - 512, 512),
        ["pieces of one block"] = pool =>
        {
            pool.Write("vm1", 10, 10);
            pool.Write("vm1", 4000, 200);
        },
        ["growth by truncate"] = pool =>
        {
            pool.Write("vm1", (8 * Chunk) - 100, 100);
            pool.Resize("vm1", (12 * Chunk) + 512);
        },
        ["a write behind the end"] = pool =>
        {
            pool.Resize("vm1", Block + 512);
            pool.Write("vm1", Block, 512);
            pool.Write("vm1", (3 * Chunk) + 77, 5);
        },
        ["down and up again"] = pool =>
        {
            pool.Write("vm1", 0, 8 * Chunk);
            pool.Resize("vm1", Chunk + Block + 512);
            pool.Resize("vm1", 8 * Chunk);
        },
        ["down, up and a write on the edge"] = pool =>
        {
            pool.Write("vm1", 0, 2 * Chunk);
            pool.Resize("vm1", Block + 512);
            pool.Resize("vm1", 8 * Chunk);
            pool.Write("vm1", (2 * Block) - 10, 20);
        },
        ["fallocate"] = pool => pool.Allocate("vm1", 0, 8 * Chunk),
        ["fallocate of a piece, then a write"] = pool =>
        {
            pool.Allocate("vm1", Block + 5, 10);
            pool.Write("vm1", Block + 8, 3);
        },
        ["fallocate of what is shared in part"] = pool =>
        {
            pool.Write("vm1", Block, 100);
            pool.Snapshot("vm1", "vm1@s");
            pool.Allocate("vm1", 0, 2 * Chunk);
        },
        ["discard, then read"] = pool =>
        {
            pool.Write("vm1", 0, 4 * Chunk);
            pool.Punch("vm1", 100, Chunk);
            pool.Punch("vm1", 2 * Chunk, 2 * Chunk);
        },
        ["discard, then a piece of a block"] = pool =>
        {
            pool.Write("vm1", 0, Chunk);
            pool.Punch("vm1", 0, Chunk);
            pool.Settle();
            pool.Write("vm1", Block + 1, 1);
        },
        ["a snapshot, then a piece of a block"] = pool =>
        {
            pool.Write("vm1", 50, 100);
            pool.Snapshot("vm1", "vm1@s");
            pool.Write("vm1", 120, 100);
            pool.Write("vm1", (3 * Block) + 1, 1);
        },
        ["a snapshot of a hole, then a piece of it"] = pool =>
        {
            pool.Snapshot("vm1", "vm1@s");
            pool.Write("vm1", Chunk + 1, 1);
        },
        ["a clone that grows"] = pool =>
        {
            pool.Resize("vm1", Block + 512);
            pool.Write("vm1", Block, 512);
            pool.Clone("vm1", "vm2");
            pool.Resize("vm2", 2 * Chunk);
            pool.Write("vm2", Block + 1000, 10);
        },
        ["a clone of what was larger"] = pool =>
        {
            pool.Write("vm1", 0, 8 * Chunk);
            pool.Resize("vm1", Chunk + 512);
            pool.Snapshot("vm1", "vm1@s");
            pool.Clone("vm1@s", "vm2");
            pool.Resize("vm2", 8 * Chunk);
            pool.Resize("vm1", 8 * Chunk);
        },
        ["a copy of the whole"] = pool =>
        {
            pool.Write("vm1", 100, 100);
            pool.Create("vm2", 0);
            pool.CloneInto("vm1", "vm2");
            pool.Write("vm2", 300, 100);
            pool.Resize("vm2", 9 * Chunk);
        },
        ["a merge downwards and upwards"] = pool =>
        {
            pool.Write("vm1", 100, 100);
            pool.Snapshot("vm1", "vm1@a");
            pool.Write("vm1", (4 * Block) + 100, 100);
            pool.Snapshot("vm1", "vm1@b");
            pool.Write("vm1", (9 * Block) + 100, 2 * Chunk);
            pool.Delete("vm1@a");
            pool.Settle();
            pool.Delete("vm1@b");
            pool.Settle();
        },
        ["a merge under a discard"] = pool =>
        {
            pool.Write("vm1", 0, 2 * Chunk);
            pool.Snapshot("vm1", "vm1@a");
            pool.Punch("vm1", Block, Chunk);
            pool.Snapshot("vm1", "vm1@b");
            pool.Write("vm1", (3 * Block) + 3, 3);
            pool.Delete("vm1@a");
            pool.Delete("vm1@b");
            pool.Settle();
            pool.Write("vm1", (5 * Block) + 3, 3);
        },
        ["a pool that grew"] = pool =>
        {
            pool.Pool.Grow(96L * Chunk);
            pool.Resize("vm1", 90 * Chunk);
            for (int chunk = 0; chunk < 90; chunk++)
            {
                pool.Write("vm1", (chunk * Chunk) + Block + 9, 9);
            }
        },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Nothing_of_a_former_owner_shows(string way)
    {
        using MarkedPool pool = new(seed: 1);
        pool.Create("vm1", 8 * Chunk);

        Scripts[way](pool);

        pool.MustHoldNothingElse(way);
        pool.Settle();
        pool.KillAndReopen();
        pool.MustHoldNothingElse($"{way}, and after a kill");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Nothing_of_a_former_owner_shows_whatever_is_done(int seed)
    {
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using MarkedPool pool = new(seed);
        int made = 0;
        pool.Create("v0", 4 * Chunk);
        for (int step = 0; step < 150; step++)
        {
            string[] volumes = [.. pool.Names.Where(name => !name.Contains('@'))];
            string volume = volumes[random.Next(volumes.Length)];
            int size = pool.SizeOf(volume);
            int offset = random.Next(size);
            int length = random.Next(1, Math.Min(size - offset, random.Next(2) == 0 ? Block : 2 * Chunk) + 1);
            switch (random.Next(10))
            {
                case 0 when pool.Names.Count < 6:
                    pool.Snapshot(volume, $"{volume}@{++made}");
                    break;
                case 1 when pool.Names.Count < 6:
                    pool.Clone(pool.Names.ElementAt(random.Next(pool.Names.Count)), $"v{++made}");
                    break;
                case 2 when pool.Names.Count > 1 && pool.Names.ElementAt(random.Next(pool.Names.Count)) is var victim && (volumes.Length > 1 || victim != volume):
                    pool.Delete(victim);
                    break;
                case 3:
                    pool.Resize(volume, 512 * random.Next(1, 5 * Chunk / 512));
                    break;
                case 4 or 5:
                    pool.Punch(volume, offset, length);
                    break;
                case 6:
                    pool.Allocate(volume, offset, length);
                    break;
                case 7:
                    pool.Settle();
                    break;
                default:
                    pool.Write(volume, offset, length);
                    break;
            }

            if (step % 10 == 9)
            {
                pool.MustHoldNothingElse($"seed {seed}, step {step}");
            }
        }

        pool.KillAndReopen();
        pool.MustHoldNothingElse($"seed {seed}, after a kill");
    }
}
