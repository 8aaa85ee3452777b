using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Reservations;

/// <summary>A pool driven to zero free, and everything at once: no write into promised space ever fails or waits for ever.</summary>
public sealed class PromiseStressTests(ITestOutputHelper output)
{
    private const int Chunk = 16 << 10;
    private const int Block = 4096;
    private const int Writers = 16;
    private const int Rounds = 500;
    private const int VolumeChunks = 24;
    private const int Extents = 220;

    [Theory]
    [InlineData(1, NoSpacePolicy.Error)]
    [InlineData(2, NoSpacePolicy.Queue)]
    [InlineData(3, NoSpacePolicy.Queue)]
    public void Every_promised_write_succeeds_beside_snapshots_discards_merges_and_a_full_pool(int seed, NoSpacePolicy policy)
    {
        output.WriteLine($"seed {seed}, {policy}");
        using TestPool test = TestPool.Create(
            Extents, chunkBytes: Chunk, options: EngineOptions.Quiet with { BackgroundReclaim = true, CommitIntervalMs = 20, CheckpointEveryBytes = 256 << 10 });
        test.Pool.Configure(settings => settings with { NoSpace = policy, NoSpaceTimeoutMs = 0 });
        test.Pool.CreateVolume("full", VolumeChunks * Chunk, ReservePolicy.Full);
        test.Pool.CreateVolume("ranges", 4 * VolumeChunks * Chunk);
        test.Pool.CreateVolume("filler", 1000 * Chunk);
        using VolumeHandle full = test.Handle("full");
        using VolumeHandle ranges = test.Handle("ranges");
        using VolumeHandle filler = test.Handle("filler");
        ranges.Provision(VolumeChunks * Chunk, VolumeChunks * Chunk);
        using CancellationTokenSource stop = new();
        BackgroundCall[] others =
        [
            BackgroundCall.Start("fill", () => Fill(filler, seed, stop.Token)),
            BackgroundCall.Start("snapshots", () => Snapshot(test.Pool, seed, stop.Token)),
        ];
        BackgroundCall[] writers =
        [
            .. Enumerable.Range(0, Writers).Select(writer => BackgroundCall.Start(
                $"writer {writer}", () => Write(writer % 2 == 0 ? full : ranges, writer, new Random((seed * 100) + writer)))),
        ];
        int timesFull = 0;
        test.Pool.Happened += happened => Interlocked.Add(ref timesFull, happened.Kind == PoolEventKinds.OutOfSpace ? 1 : 0);
        Exception?[] failures = [.. writers.Select(writer => writer.Join())];
        stop.Cancel();
        test.Pool.StopWaitingForSpace();
        Array.ForEach(others, other => other.Finish());
        failures.Should().OnlyContain(failure => failure == null, $"seed {seed}: what is promised is kept");
        test.Pool.ReclaimNow();
        test.MustBeClean();
        Verify(full, 0);
        Verify(ranges, VolumeChunks);
        output.WriteLine($"out of space {timesFull} times");
        timesFull.Should().BePositive("the pool is full most of the time");
    }

    /// <summary>Each writer has a block of each chunk to itself: what it wrote last is what it reads.</summary>
    private static void Write(VolumeHandle volume, int writer, Random random)
    {
        int lane = writer / 2 % 4;
        int half = writer / 8;
        long firstChunk = volume.SizeBytes > VolumeChunks * Chunk ? VolumeChunks : 0;
        byte[] block = new byte[Block];
        byte[] read = new byte[Block];
        for (int round = 0; round < Rounds; round++)
        {
            long chunk = firstChunk + (random.Next(VolumeChunks / 2) * 2) + half;
            random.NextBytes(block);
            long offset = (chunk * Chunk) + (lane * Block);
            volume.Write(offset, block);
            volume.Read(offset, read).Should().Be(Block);
            read.AsSpan().SequenceEqual(block).Should().BeTrue($"block {lane} of chunk {chunk} is this writer's alone");
            if (random.Next(4) == 0)
            {
                // Less than a chunk: the promise stays. Now and then it is the chunk's last block, and its extent goes.
                volume.Punch(offset, Block);
                volume.Read(offset, read).Should().Be(Block);
                read.Should().OnlyContain(b => b == 0);
            }
        }
    }

    private static void Fill(VolumeHandle filler, int seed, CancellationToken stop)
    {
        Random random = new(seed);
        byte[] data = TestPool.Pattern(seed, Block);
        while (!stop.IsCancellationRequested)
        {
            int chunk = random.Next(1000);
            try
            {
                using SpaceWaiter write = new(filler, (long)chunk * Chunk, data);
                if (write.Map() == MapOutcome.Ready)
                {
                    write.Finish();
                }
                else
                {
                    // Full: give something back, and go on.
                    write.Cancel();
                    filler.Punch((long)random.Next(1000) * Chunk, 30 * Chunk);
                }
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
            {
                filler.Punch((long)random.Next(1000) * Chunk, 30 * Chunk);
            }
        }
    }

    private static void Snapshot(ThinPool pool, int seed, CancellationToken stop)
    {
        Random random = new(seed + 1);
        for (int n = 0; !stop.IsCancellationRequested; n++)
        {
            string origin = random.Next(2) == 0 ? "full" : "ranges";
            try
            {
                pool.CreateSnapshot(origin, $"{origin}@{n}");
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
            {
                // It is refused instead of breaking a promise.
            }

            foreach (VolumeInfo info in pool.Volumes(withExclusive: false).Where(info => info.IsReadOnly && random.Next(2) == 0))
            {
                pool.Delete(info.Name);
            }
        }
    }

    private static void Verify(VolumeHandle volume, long firstChunk)
    {
        for (long chunk = firstChunk; chunk < firstChunk + VolumeChunks; chunk++)
        {
            volume.Write(chunk * Chunk, TestPool.Pattern((int)chunk, Chunk));
        }
    }
}
