using ThinFuse.Pool.Tests.Engine;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>Readers who know what must be there at least, beside writers, snapshots, deletes, merges and resizes.</summary>
public sealed class ResolvedStompTests(ITestOutputHelper output)
{
    private const int Writers = 2;
    private const int Readers = 3;

    [Theory]
    [InlineData(1, 16 << 10, 1 << 20)]
    [InlineData(2, 16 << 10, 128)]
    [InlineData(3, 64 << 10, 1 << 20)]
    [InlineData(4, 64 << 10, 2 * 128)]
    [InlineData(5, 4 << 10, 8 * 128)]
    [InlineData(6, 4 << 10, 1 << 20)]
    public void Nobody_reads_what_was_replaced_before_he_asked(int seed, int chunkBytes, int mapBytes)
    {
        output.WriteLine($"seed {seed}, chunk {chunkBytes}, map {mapBytes}");
        using TestPool test = TestPool.Create(
            (8 << 20) / chunkBytes,
            chunkBytes,
            options: EngineOptions.Quiet with
            {
                BackgroundReclaim = true,
                CommitIntervalMs = 20,
                CheckpointEveryBytes = 64 << 10,
                ResolvedMapBytes = mapBytes,
            });
        ResolvedStomper stomper = new(test.Pool, seed, Writers);
        BackgroundCall[] writers = [.. Enumerable.Range(0, Writers).Select(i => BackgroundCall.Start($"writer {i}", () => stomper.Write(i)))];
        BackgroundCall[] others =
        [
            .. Enumerable.Range(0, Readers).Select(i => BackgroundCall.Start($"reader {i}", () => stomper.Read(i))),
            BackgroundCall.Start("snapshots", stomper.Snapshot),
        ];
        Exception?[] failures = [.. writers.Select(call => call.Join())];
        stomper.Stop();
        failures = [.. failures, .. others.Select(call => call.Join())];
        failures.Should().OnlyContain(failure => failure == null, $"seed {seed}");
        output.WriteLine(stomper.Told);
        test.Pool.ReclaimNow();
        stomper.VerifyAll();
        test.MustBeClean();
    }
}
