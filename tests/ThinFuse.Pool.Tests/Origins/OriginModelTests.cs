using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Origins;

/// <summary>Random trees on external origins beside plain arrays, also with a crash at every I/O.</summary>
public sealed class OriginModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(21, 16 << 10, 512)]
    [InlineData(22, 64 << 10, 4096)]
    [InlineData(23, 4 << 10, 512)]
    public void Every_file_reads_as_the_model_says(int seed, int chunkBytes, int alignmentBytes)
    {
        output.WriteLine($"seed {seed}, chunk {chunkBytes}, alignment {alignmentBytes}");
        SimulatedDisk disk = new() { DirectAlignmentBytes = alignmentBytes };
        ThinPool.Create(disk, EngineOptions.Pool(32 << 20, chunkBytes));
        OriginWorkload workload = new(disk, seed, mayShrink: true);
        ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet);
        Queue<string> trace = new();
        try
        {
            for (int step = 0; step < 1500; step++)
            {
                trace.Enqueue(workload.Step(pool).What);
                _ = trace.Count > 30 ? trace.Dequeue() : null;
                if (step % 40 == 0)
                {
                    disk = Reopen(ref pool, disk, isKill: step % 80 == 0);
                    trace.Enqueue("reopen");
                }

                if (step % 10 == 0)
                {
                    PoolContent.MustMatch(pool, workload.Model.Files, $"step {step}");
                    pool.Check().Problems.Should().BeEmpty();
                    MustSeekAsTheModel(pool, workload.Model);
                    MustDifferAsTheModel(pool, workload.Model);
                }
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, chunk {chunkBytes}: {string.Join("; ", trace)}", e);
        }
        finally
        {
            pool.Dispose();
        }
    }

    [Theory]
    [InlineData(31, 200)]
    [InlineData(32, 200)]
    [InlineData(33, 40)]
    public void What_was_promised_is_there_after_a_crash_at_every_io(int seed, int poolChunks)
    {
        output.WriteLine($"seed {seed}");
        SimulatedDisk disk = new() { DirectAlignmentBytes = 512 };
        ThinPool.Create(disk, EngineOptions.Pool((long)poolChunks * (16 << 10), 16 << 10));
        OriginWorkload workload = new(disk, seed, mayShrink: false);
        CrashLog log = new(seed);
        using (ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet))
        {
            log.Add("open", disk.IoCount, disk.IoCount, isDurable: true, workload.Model);
            for (int step = 0; step < 60; step++)
            {
                int start = disk.IoCount;
                (string what, bool isDurable) = StepOrRefusal(workload, pool);
                log.Add(what, start, disk.IoCount, isDurable, workload.Model);
            }
        }

        log.VerifyEveryIo(disk);
    }

    private static SimulatedDisk Reopen(ref ThinPool pool, SimulatedDisk disk, bool isKill)
    {
        if (isKill)
        {
            disk = disk.AfterKill(disk.IoCount);
            pool.Abandon();
        }
        else
        {
            pool.Dispose();
        }

        pool = ThinPool.Open(disk, EngineOptions.Quiet);
        return disk;
    }

    private static (string What, bool IsDurable) StepOrRefusal(OriginWorkload workload, ThinPool pool)
    {
        try
        {
            return workload.Step(pool);
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
        {
            return ("refused for space", false);
        }
    }

    /// <summary>Whatever differs between two files is in a range that a comparison tells.</summary>
    private static void MustDifferAsTheModel(ThinPool pool, ModelPool model)
    {
        foreach ((string name, byte[] content) in model.Files)
        {
            foreach ((string other, byte[] before) in model.Files.Append(new("", new byte[content.Length])))
            {
                using VolumeHandle to = pool.Open(pool.Find(name)!.Id);
                using VolumeHandle? from = other.Length == 0 ? null : pool.Open(pool.Find(other)!.Id);
                byte[] patched = OriginFiles.Shown(before, content.Length);
                foreach (ChangedRange range in pool.Compare(from, to, evenUnrelated: true))
                {
                    content.AsSpan((int)range.OffsetBytes, (int)range.LengthBytes).CopyTo(patched.AsSpan((int)range.OffsetBytes));
                }

                PoolContent.Difference(content, patched).Should().BeNull($"{name} since {other}");
            }
        }
    }

    private static void MustSeekAsTheModel(ThinPool pool, ModelPool model)
    {
        foreach ((string name, byte[] content) in model.Files)
        {
            using VolumeHandle handle = pool.Open(pool.Find(name)!.Id);
            for (long at = 0; at < content.Length;)
            {
                long data = handle.SeekData(at);
                long end = data < 0 ? content.Length : data;
                content.AsSpan((int)at, (int)(end - at)).ContainsAnyExcept((byte)0).Should().BeFalse($"{name} has data before {data}");
                at = data < 0 ? content.Length : handle.SeekHole(data);
                at.Should().BeGreaterThan(data);
            }
        }
    }
}
