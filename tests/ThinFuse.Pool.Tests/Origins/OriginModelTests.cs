using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Trees;
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
        using TestPool test = TestPool.Create((32 << 20) / chunkBytes, chunkBytes, alignmentBytes);
        Workload workload = Mixes.OnOrigins(new WorkloadContext(test, seed, new WorkloadSettings()), new OriginImages(test.Disk, seed));
        workload.Run(1500, step =>
        {
            if (step % 10 == 0)
            {
                workload.MustMatch($"step {step}");
                MustDifferAsTheModel(test.Pool, workload.Context.Model.Content);
            }
        });
    }

    [Theory]
    [InlineData(31, 200, false)]
    [InlineData(32, 200, true)]
    [InlineData(33, 40, false)]
    public void What_was_promised_is_there_after_a_crash_at_every_io(int seed, int poolChunks, bool isOnFaster)
    {
        output.WriteLine($"seed {seed}");
        PoolOpenOptions options = isOnFaster ? EngineOptions.Quiet : EngineOptions.QuietOnPlainTable;
        using TestPool test = TestPool.Create(poolChunks, 16 << 10, alignmentBytes: 512, options);
        CrashLog log = new(seed, options);
        WorkloadContext context = new(test, seed, new WorkloadSettings { IsExact = true });
        log.Run(Mixes.OnOrigins(context, new OriginImages(test.Disk, seed)), 60);
        log.VerifyEveryIo(test.Disk);
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
}
