using System.Diagnostics;
using System.Globalization;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Transfer;

/// <summary>
/// Streams with bits flipped, cut, lengthened, spliced with another or made up are received into a pool: refused in one line with the target as it was, or, where
/// only what follows the stream was harmed, received as they were sent.
/// </summary>
/// <remarks>A few seeds each run; THINFUSE_FUZZ_SECONDS=N goes on for N seconds, and THINFUSE_FUZZ_SEED=SEED begins there.</remarks>
public sealed class StreamFuzzTests(ITestOutputHelper output)
{
    private const int UsualSeeds = 150;

    [Fact]
    public void A_harmed_stream_changes_nothing_that_is_seen()
    {
        using Replica replica = new();
        int first = Setting("THINFUSE_FUZZ_SEED");
        TimeSpan time = TimeSpan.FromSeconds(Setting("THINFUSE_FUZZ_SECONDS"));
        Stopwatch watch = Stopwatch.StartNew();
        int refused = 0;
        int seed = first;
        for (; seed < first + UsualSeeds || watch.Elapsed < time; seed++)
        {
            byte[] stream = Harm(replica, new Random(seed), out string what);
            string when = $"seed {seed}: {what}";
            TestPool target = TestPool.Open(replica.Disk.AfterKill(replica.Disk.IoCount));
            Exception? failure = BackgroundCall.Start(when, () => Wire.Receive(target, stream, "vm1")).Join();
            if (failure is null)
            {
                replica.MustHaveChanges(target, when);
            }
            else
            {
                refused++;
                failure.Should().Match(e => e is PoolException || e is StorageException, $"{when}: {failure}");
                failure.Message.Should().NotContain("\n", when);
                replica.MustBeUntouched(target, when);
            }

            target.Pool.Abandon();
        }

        output.WriteLine($"{seed - first} seeds, {refused} refused");
        refused.Should().BePositive();
    }

    private static byte[] Harm(Replica replica, Random random, out string what)
    {
        byte[] stream = (byte[])replica.Changes.Clone();
        int at = random.Next(stream.Length);
        switch (random.Next(6))
        {
            case 0:
                stream[at] ^= (byte)(1 << random.Next(8));
                what = $"a bit of byte {at} flipped";
                return stream;
            case 1:
                what = $"cut to {at}";
                return stream[..at];
            case 2:
                random.NextBytes(stream.AsSpan(at, Math.Min(random.Next(1, 64), stream.Length - at)));
                what = $"bytes from {at} on made up";
                return stream;
            case 3:
                what = "bytes behind the end";
                return [.. stream, .. TestPool.Pattern(at, random.Next(1, 500))];
            case 4:
                int other = random.Next(replica.Full.Length);
                what = $"the first {at} bytes, and another stream from {other} on";
                return [.. stream[..at], .. replica.Full[other..]];
            default:
                byte[] header = stream[..random.Next(0, 200)];
                what = $"{header.Length} bytes, and what is made up";
                return [.. header, .. TestPool.Pattern(at, random.Next(1, 20_000))];
        }
    }

    private static int Setting(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
}
