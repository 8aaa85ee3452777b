using System.Diagnostics;

namespace ThinFuse.Benchmarks.Drivers;

/// <summary>A thread that writes blocks at random, one after the other, and knows the longest that one took.</summary>
internal sealed class StallProbe : IDisposable
{
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    private readonly BlockFile _file;
    private readonly long _blocks;
    private readonly Random _random;
    private readonly Thread _thread;
    private long _maxTicks;
    private volatile bool _stop;
    private Exception? _failure;

    private StallProbe(BlockFile file, long sizeBytes, int seed)
    {
        _file = file;
        _blocks = sizeBytes / BlockFile.BlockBytes;
        _random = new Random(seed);
        _thread = new Thread(Write) { IsBackground = true, Name = "stall-probe" };
        _thread.Start();
    }

    /// <summary>Starts to write all over the first so many bytes of a file.</summary>
    public static StallProbe Start(string path, long sizeBytes, int seed) => new(new BlockFile(path), sizeBytes, seed);

    /// <summary>Writes for a second beside which nothing happens, returns the longest write in milliseconds, and begins anew.</summary>
    public double TakeMaxMs(CancellationToken cancel)
    {
        cancel.WaitHandle.WaitOne(QuietTime);
        cancel.ThrowIfCancellationRequested();
        return ToMs(Interlocked.Exchange(ref _maxTicks, 0));
    }

    /// <summary>Ends it; returns the longest write in milliseconds.</summary>
    /// <exception cref="IOException">A write failed.</exception>
    public double Stop()
    {
        End();
        return _failure is null ? ToMs(_maxTicks) : throw new IOException($"the writer beside it failed: {_failure.Message}", _failure);
    }

    public void Dispose()
    {
        End();
        _file.Dispose();
    }

    private static double ToMs(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;

    private void End()
    {
        _stop = true;
        _thread.Join();
    }

    private void Write()
    {
        try
        {
            while (!_stop)
            {
                long block = _random.NextInt64(_blocks);
                long start = Stopwatch.GetTimestamp();
                _file.Write(block);
                long took = Stopwatch.GetTimestamp() - start;
                if (took > Interlocked.Read(ref _maxTicks))
                {
                    Interlocked.Exchange(ref _maxTicks, took);
                }
            }
        }
        catch (IOException e)
        {
            _failure = e;
        }
    }
}
