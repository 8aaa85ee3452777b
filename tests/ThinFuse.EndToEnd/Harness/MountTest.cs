using System.Globalization;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>
/// A test on a real kernel. A watchdog ends it when its time is up: it kills the daemons of the test's pools, by which every system call
/// that hangs in them comes back with an error; the test then fails, and what it made is taken down as after any other.
/// </summary>
[Collection(MountCollection.Name)]
public abstract class MountTest : IDisposable
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(2);

    private readonly Scratch _scratch;
    private readonly ITestOutputHelper _output;
    private readonly TimeSpan _limit;
    private readonly Timer _watchdog;
    private readonly List<PoolFixture> _pools = [];
    private volatile bool _isTimeUp;

    /// <param name="scratch">Where the test works.</param>
    /// <param name="output">What is shown of a test that fails.</param>
    /// <param name="limit">How long it may take; null for two minutes.</param>
    protected MountTest(Scratch scratch, ITestOutputHelper output, TimeSpan? limit = null)
    {
        _scratch = scratch;
        _output = output;
        _limit = limit ?? DefaultLimit;
        _watchdog = new Timer(_ => EndTest(), null, _limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is shown of a test that fails.</summary>
    protected ITestOutputHelper Output => _output;

    /// <summary>Where the run works.</summary>
    protected Scratch Scratch => _scratch;

    /// <summary>A new pool, not mounted; taken down after the test. It will be mounted by the transport named, or by that of the run.</summary>
    private protected PoolFixture NewPool(string size, string chunkSize = "64K", string? transport = null, params string[] more)
    {
        PoolFixture pool = PoolAt(null, transport);
        pool.Create(["--size", size, "--chunk-size", chunkSize, .. more]);
        return pool;
    }

    /// <summary>A pool that there is, or will be, at a place of its own; taken down after the test, before the pools that were named earlier.</summary>
    /// <param name="directory">The pool directory, which is not deleted; null for one below the scratch directory.</param>
    /// <param name="transport">What it will be mounted by; null for that of the run.</param>
    private protected PoolFixture PoolAt(string? directory, string? transport = null)
    {
        Need.Fuse();
        transport ??= TransportUnderTest.Default;
        TransportUnderTest.Require(transport, _scratch.Uring);
        PoolFixture pool = new(_scratch, transport, directory);
        lock (_pools)
        {
            _pools.Add(pool);
        }

        return pool;
    }

    /// <summary>A new pool, mounted.</summary>
    private protected PoolFixture NewMountedPool(string size, string chunkSize = "64K", string? transport = null)
    {
        PoolFixture pool = NewPool(size, chunkSize, transport);
        pool.Mount();
        return pool;
    }

    /// <summary>Random numbers, of a seed that the test's output names; set THINFUSE_SEED to repeat a run.</summary>
    protected Random Seeded(int seed)
    {
        int actual = int.TryParse(Environment.GetEnvironmentVariable("THINFUSE_SEED"), CultureInfo.InvariantCulture, out int given) ? given : seed;
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {actual}"));
        return new Random(actual);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes down what the test made; every step is tried, and every failure is told.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _watchdog.Dispose();
        List<Exception> failures = _isTimeUp ? [new TimeoutException($"the test did not end within {_limit.TotalSeconds} s")] : [];

        // What was made last may stand on what was made before.
        foreach (PoolFixture pool in Enumerable.Reverse(_pools))
        {
            pool.TakeDown(failures);
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private void EndTest()
    {
        _isTimeUp = true;
        lock (_pools)
        {
            foreach (PoolFixture pool in _pools)
            {
                pool.KillDaemon();
            }
        }
    }
}
