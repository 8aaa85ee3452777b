using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Drivers;

/// <summary>A thread that writes 4 KiB blocks at random with O_DIRECT, one after the other, and knows the longest that one took.</summary>
internal sealed unsafe class StallProbe : IDisposable
{
    private const int BlockBytes = 4096;

    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    private readonly SafeFileHandle _file;
    private readonly long _blocks;
    private readonly Random _random;
    private readonly Thread _thread;
    private readonly byte* _buffer;
    private long _maxTicks;
    private volatile bool _stop;
    private Exception? _failure;

    private StallProbe(SafeFileHandle file, long sizeBytes, int seed)
    {
        _file = file;
        _blocks = sizeBytes / BlockBytes;
        _random = new Random(seed);
        _buffer = (byte*)NativeMemory.AlignedAlloc(BlockBytes, BlockBytes);
        new Span<byte>(_buffer, BlockBytes).Fill(0x5A);
        _thread = new Thread(Write) { IsBackground = true, Name = "stall-probe" };
        _thread.Start();
    }

    /// <summary>Starts to write all over the first so many bytes of a file.</summary>
    public static StallProbe Start(string path, long sizeBytes, int seed) =>
        new(LinuxFile.TryOpenDirect(path) ?? throw new IOException($"{path} cannot be opened with O_DIRECT"), sizeBytes, seed);

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
        return _failure is null ? ToMs(_maxTicks) : throw new IOException(_failure.Message, _failure);
    }

    public void Dispose()
    {
        End();
        _file.Dispose();
        NativeMemory.AlignedFree(_buffer);
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
                long offset = _random.NextInt64(_blocks) * BlockBytes;
                long start = Stopwatch.GetTimestamp();
                RandomAccess.Write(_file, new ReadOnlySpan<byte>(_buffer, BlockBytes), offset);
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
